using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>The built-in services are kept from everything but their own business, by the kernel; what tries is a program in their place.</summary>
public sealed class BuiltInConfinementTests
{
    private const string Denied = "Permission denied";
    private const string NotPermitted = "Operation not permitted";

    [Fact]
    public async Task The_services_that_run_are_without_privileges_and_say_so()
    {
        await using var node = await Node.StartAsync();
        foreach (var service in new[] { "registry", "identity", "fs" })
        {
            var status = await File.ReadAllLinesAsync($"/proc/{await node.PidAsync(service)}/status");
            Assert.Contains("NoNewPrivs:\t1", status);
            Assert.Contains("Seccomp:\t2", status);
            Assert.Contains("CapEff:\t0000000000000000", status);
        }

        var wide = (await node.CtlAsync("svc", "list", "--wide")).Succeeded().Output;
        Assert.Equal(Landlock.Version > 0 ? 3 : 0, wide.Split("paths, seccomp strict, no capabilities, no new privileges").Length - 1);
        var doctor = await node.CtlAsync("doctor");
        Assert.Contains("confinement identity", doctor.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("identity")]
    [InlineData("fs")]
    public async Task What_takes_a_services_place_is_denied_everything_but_its_files(string service)
    {
        if (Landlock.Version == 0)
        {
            return; // Said by svc list and doctor instead, which is tested with their parts.
        }

        await using var node = Node.Prepare();
        // Exactly the confinement of the built-in program is for what lies in its place.
        var programs = Path.Combine(node.Folder, "bin");
        (await Command.RunAsync("cp", ["-a", Path.GetDirectoryName(Checkout.Program("supervisor"))!, programs], node.Settings)).Succeeded();
        File.Delete(Path.Combine(programs, service));
        File.Copy(Checkout.At("tests/EndToEnd.Tests/Services/trespasser.py"), Path.Combine(programs, service));
        node.Program = Path.Combine(programs, "supervisor");
        node.Start();
        var result = await ResultAsync(node);

        Assert.Equal(("1", "2", "0000000000000000"), (result["NoNewPrivs"], result["Seccomp"], result["CapEff"]));
        Assert.Equal(UserId.Effective == 0 ? "0000000000000000" : result["CapBnd"], result["CapBnd"]);
        foreach (var never in new[] { "write runtime dir", "write tmp", "remove a socket" })
        {
            Assert.Equal((never, Denied), (never, result[never]));
        }

        foreach (var never in new[] { "internet", "namespace" })
        {
            Assert.Equal((never, NotPermitted), (never, result[never]));
        }

        Assert.NotEqual("done", result["another program"]);
        Assert.Equal("done", result["write audit"]);
        Assert.Equal(service == "identity" ? "done" : Denied, result["write own state"]);
        // fs reads its roots, which are all there is unless an operator narrows them.
        Assert.Equal(service == "fs" ? "done" : Denied, result["read etc"]);
        Assert.Equal(service == "fs" ? "done" : Denied, result["read capabilities"]);
        Assert.Equal(service == "registry" ? Denied : "done", result["read keys"]);
    }

    [Fact]
    public async Task Fs_reaches_its_roots_and_nothing_beside_them()
    {
        if (Landlock.Version == 0)
        {
            return;
        }

        await using var node = Node.Prepare();
        node.Declare("fs", $$"""{ "name": "fs", "confinement": { "read": ["{{node.DataDir}}"] } }""");
        await node.LaunchAsync();
        var token = (await node.IssueAsync(prefix: "/")).Token;
        var hello = await node.CallAsync("fs.open", $$"""{"path":"{{node.DataDir}}/hello.txt"}""", token);
        Assert.Null(hello.Error);
        foreach (var path in new[] { "/etc/fstab", node.RuntimeDir + "/state/identity/key-v2", node.RuntimeDir + "/identity.pub" }.Where(File.Exists))
        {
            Assert.Equal((path, "file_access"), (path, (await node.CallAsync("fs.open", $$"""{"path":"{{path}}"}""", token)).Error?.Reason));
        }
    }

    [Fact]
    public async Task The_public_key_is_published_by_a_confined_identity_and_stays_the_same()
    {
        await using var node = await Node.StartAsync();
        var path = Path.Combine(node.RuntimeDir, "identity.pub");
        var key = await File.ReadAllTextAsync(path);
        Assert.Equal(32, Convert.FromBase64String(key).Length);
        var pid = await node.PidAsync("identity");
        Node.Signal(pid, Signal.SIGKILL);
        await node.WaitForStateAsync("identity", "Healthy", otherThanPid: pid);
        Assert.Equal(key, await File.ReadAllTextAsync(path));
        Assert.Equal((UnixFileMode)0x1A4, File.GetUnixFileMode(path));
    }

    private static async Task<Dictionary<string, string>> ResultAsync(Node node)
    {
        const string mark = "TRESPASS ";
        await Strata.Tests.Patience.UntilAsync(() => node.Log.Contains(mark, StringComparison.Ordinal));
        var line = node.Log.Split('\n').First(l => l.Contains(mark, StringComparison.Ordinal));
        return line[(line.IndexOf(mark, StringComparison.Ordinal) + mark.Length)..].Split(';').Select(one => one.Split('=')).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
    }
}
