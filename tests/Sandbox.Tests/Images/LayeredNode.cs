using System.Text;
using System.Text.Json;
using Strata.Contracts;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

/// <summary>A service with a real engine and an image of two layers that needs nothing of the host's.</summary>
internal sealed class LayeredNode : IAsyncDisposable
{
    internal static readonly string[] Rights =
        ["sandbox.create", "sandbox.exec", "sandbox.shell", "sandbox.read", "sandbox.write", "sandbox.snapshot", "sandbox.workspace", "sandbox.image", "sandbox.image_manage"];

    private const string Busybox = "/bin/busybox";
    private readonly BubblewrapEngine _engine = new();

    /// <summary>What the engine says of the machine.</summary>
    internal EngineReport Report => _engine.Report;

    private LayeredNode()
    {
    }

    internal SandboxNode Node { get; private set; } = null!;

    internal SandboxClient Client { get; private set; } = null!;

    /// <summary>Starts it with the image <c>app</c>.</summary>
    /// <param name="config">The member config of the image's configuration.</param>
    /// <param name="links">Names that busybox has beside its own; none for an image without a shell.</param>
    internal static Task<LayeredNode> StartAsync(string config, params string[] links) => StartAsync(Archive(config, links), stateDirectory: null);

    /// <summary>Starts it with another image of that name, in another place.</summary>
    internal static async Task<LayeredNode> StartAsync(byte[] archive, string? stateDirectory)
    {
        Assert.True(File.Exists(Busybox), "busybox is missing; run: apt-get install busybox-static");
        var it = new LayeredNode();
        it.Node = await SandboxNode.StartAsync(it._engine, options => stateDirectory is null ? options : options with { StateDirectory = stateDirectory }, TimeProvider.System);
        await it.ConnectAsync();
        await ImageMethodTests.ImportAsync(it.Client, archive, "app");
        return it;
    }

    /// <summary>An image of two layers, of which the upper hides parts of the lower.</summary>
    internal static byte[] Archive(string config, params string[] links)
    {
        var lower = new TarMaker().Directory("bin").Entry('0', "bin/busybox", content: File.ReadAllBytes(Busybox), mode: 0x1ed).Directory("proc").Directory("dev").Directory("tmp", 0x3ff).Directory("etc")
            .File("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:101:102::/srv:/bin/sh\n").File("etc/group", "staff:x:50:\n").File("gone", "lower").Directory("old", 0x1ff).File("old/hidden", "lower").File("old/kept", "lower");
        foreach (var link in links)
        {
            lower.Link("bin/" + link, "busybox");
        }

        var upper = new TarMaker().File(".wh.gone").Directory("old", 0x1ff).File("old/.wh..wh..opq").File("old/new", "upper", 0x1b6).File("old/other", "upper", 0x1b6).Done();
        var layout = new OciLayoutMaker { ConfigMembers = $"\"config\":{config}," }.Layer(lower.Done()).Layer(upper);
        return layout.Tar(layout.Index((OciLayoutMaker.Architecture, layout.Manifest())));
    }

    internal async Task ConnectAsync(SandboxBounds? bounds = null) => Client = await Node.ConnectAsync(Node.Grant(rights: Rights, bounds: bounds));

    internal async Task RestartAsync()
    {
        await Node.RestartAsync();
        await ConnectAsync();
    }

    /// <summary>Runs a program and tells what it printed.</summary>
    internal async Task<string> SaysAsync(string session, params string[] program)
    {
        var response = await Client.CallAsync("exec", $$"""{"session":"{{session}}","argv":{{JsonSerializer.Serialize(program)}}}""");
        Assert.Null(response.Error);
        var item = response.Get(ContractsJson.Default.SandboxExecItem);
        return Encoding.UTF8.GetString((item.StdoutB64 ?? default).Span) + Encoding.UTF8.GetString((item.StderrB64 ?? default).Span);
    }

    internal Task<string> ShellSaysAsync(string session, string command) => SaysAsync(session, "/bin/busybox", "sh", "-c", command);

    public async ValueTask DisposeAsync()
    {
        await Node.Service.DisposeAsync();
        if (Path.GetDirectoryName(Node.SessionsDirectory) is { } directory && Directory.Exists(directory))
        {
            using var state = DirectoryHandle.Open(directory);
            // Layers and overlays have directories that their owner may not enter.
            LayerRemoval.Remove(state, "images"u8);
            LayerRemoval.Remove(state, "sessions"u8);
            LayerRemoval.Remove(state, "snapshots"u8);
        }

        await Node.DisposeAsync();
        _engine.Dispose();
    }
}
