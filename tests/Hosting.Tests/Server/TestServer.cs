using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting.Tests.Server;

/// <summary>A server on a real socket in a directory of its own.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly TestDirectory _directory = new();

    internal TestServer(ServerOptions? options = null, IpcLimits? limits = null)
    {
        var effective = (options ?? new ServerOptions()) with { Limits = limits ?? IpcLimits.Default };
        Path = _directory["test.sock"];
        Server = new SocketServer(
            UnixListener.Bind(Path, 0x180), new MethodTable("test", Methods.All), OpenMethodsOnly.Instance, Events, TimeProvider.System, effective);
        Server.Start();
    }

    internal string Path { get; }

    internal TestEvents Events { get; } = new();

    internal TestMethods Methods { get; } = new();

    internal SocketServer Server { get; }

    internal RawClient Connect() => new(Path);

    public async ValueTask DisposeAsync()
    {
        Methods.Dispose();
        await Server.DisposeAsync();
        _directory.Dispose();
    }
}
