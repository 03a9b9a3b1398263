using System.Diagnostics;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Registry.Tests;

/// <summary>Attempts to take over names, made over the real socket of the real program.</summary>
public sealed class HijackTests
{
    private const uint Stranger = 65533;

    [Theory]
    [InlineData("fs")]
    [InlineData("identity")]
    [InlineData("supervisor")]
    [InlineData("registry")]
    public async Task Nobody_but_the_supervisor_points_a_service_of_the_node_elsewhere(string service)
    {
        using var registry = new RegistryProcess();
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        var denied = await Assert.ThrowsAsync<RpcException>(() => RegisterAsync(client, new(service, "unix:///tmp/evil.sock")));
        Assert.Equal((ErrorCode.PermissionDenied, "declared_name"), (denied.Error.Code, denied.Error.Reason));
        var lied = await Assert.ThrowsAsync<RpcException>(() => RegisterAsync(client, new(service, "unix:///tmp/evil.sock", Declared: true)));
        Assert.Equal("supervisor_only", lied.Error.Reason);
        var unknown = await Assert.ThrowsAsync<RpcException>(() => ResolveAsync(client, service));
        Assert.Equal(ErrorCode.NotFound, unknown.Error.Code);
        await Patience.UntilAsync(() => File.Exists(registry.AuditPath) && File.ReadAllLines(registry.AuditPath).Length >= 2);
        var audited = File.ReadAllLines(registry.AuditPath).Select(l => JsonElement.Parse(l)).First();
        Assert.Equal(("denied", service, "declared_name"), (
            audited.GetProperty("outcome").GetString(), audited.GetProperty("resource").GetString(), audited.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task Supervisor_process_registers_what_nobody_else_may()
    {
        // This process started the registry, so the kernel vouches for it as the supervisor.
        using var registry = new RegistryProcess(new Dictionary<string, string>
        {
            ["STRATA_SUPERVISOR_PID"] = Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        await RegisterAsync(client, new("fs", "unix:///run/strata/fs.sock", Declared: true));
        Assert.Equal("unix:///run/strata/fs.sock", (await ResolveAsync(client, "fs")).Endpoint);

        // Same user, another process: the name stays where it is.
        var answer = await AsOtherProcessAsync(registry, "registry.register", """{"service":"fs","endpoint":"unix:///tmp/evil.sock"}""", uid: null);
        Assert.Equal("declared_name", answer.GetProperty("error").GetProperty("details").GetProperty("reason").GetString());
        Assert.Equal("unix:///run/strata/fs.sock", (await ResolveAsync(client, "fs")).Endpoint);
    }

    [Fact]
    public async Task A_supervisor_that_took_over_is_known_by_its_socket_and_nobody_else_is()
    {
        // The one that started the registry has died, which serves on.
        var dead = Process.Start("true");
        await dead.WaitForExitAsync().Soon();
        using var registry = new RegistryProcess(new Dictionary<string, string>
        {
            ["STRATA_SUPERVISOR_PID"] = dead.Id.ToString(System.Globalization.CultureInfo.InvariantCulture),
        });
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        var denied = await Assert.ThrowsAsync<RpcException>(() => RegisterAsync(client, new("fs", "unix:///tmp/evil.sock")));
        Assert.Equal("declared_name", denied.Error.Reason);

        var socket = Path.Combine(Path.GetDirectoryName(registry.SocketPath)!, "supervisor.sock");
        using var listener = UnixListener.Bind(socket, 0x1B6);
        await RegisterAsync(client, new("fs", "unix:///run/strata/fs.sock", Declared: true));
        var answer = await AsOtherProcessAsync(registry, "registry.register", """{"service":"fs","endpoint":"unix:///tmp/evil.sock"}""", uid: null);
        Assert.Equal("declared_name", answer.GetProperty("error").GetProperty("details").GetProperty("reason").GetString());
        Assert.Equal("unix:///run/strata/fs.sock", (await ResolveAsync(client, "fs")).Endpoint);
    }

    [Fact]
    public async Task Foreign_user_needs_a_capability_even_for_a_free_name()
    {
        Assert.SkipUnless(UserId.Effective == 0, "acting as another user needs root");
        using var registry = new RegistryProcess();
        await registry.ReadyAsync();
        File.SetUnixFileMode(Path.GetDirectoryName(registry.SocketPath)!, (UnixFileMode)0x1ED);
        foreach (var method in new[] { "registry.register", "registry.unregister" })
        {
            var answer = await AsOtherProcessAsync(registry, method, """{"service":"web"}""", Stranger);
            var error = answer.GetProperty("error");
            Assert.Equal(("UNAUTHENTICATED", "missing_token"), (error.GetProperty("name").GetString(), error.GetProperty("details").GetProperty("reason").GetString()));
        }

        var open = await AsOtherProcessAsync(registry, "registry.list", "{}", Stranger);
        Assert.True(open.GetProperty("ok").GetBoolean());
    }

    [Fact]
    public async Task Forged_token_opens_nothing()
    {
        using var registry = new RegistryProcess();
        await registry.ReadyAsync();
        await using var client = await registry.ConnectAsync();
        var request = RpcRequest.Of("registry.register", new RegisterParams("web", "unix:///tmp/web.sock"), ContractsJson.Default.RegisterParams, "v2.public." + new string('A', 200));
        var answer = await client.SendAsync(request).Soon();
        // Without identity the registry cannot check anything, so it denies rather than guess.
        Assert.Equal("verifier_stale", answer.Error!.Reason);
    }

    private static Task<StatusResult> RegisterAsync(RpcClient client, RegisterParams wanted) => client.CallAsync(
        "registry.register", wanted, ContractsJson.Default.RegisterParams, ContractsJson.Default.StatusResult).Soon();

    private static Task<ResolveResult> ResolveAsync(RpcClient client, string service) => client.CallAsync(
        "registry.resolve", new ServiceName(service), ContractsJson.Default.ServiceName, ContractsJson.Default.ResolveResult).Soon();

    /// <summary>Sends one request from a process of its own, as another user where one is given.</summary>
    private static async Task<JsonElement> AsOtherProcessAsync(RegistryProcess registry, string method, string parameters, uint? uid)
    {
        // Perl is part of every Debian system, and so is setpriv.
        const string script = """
            use IO::Socket::UNIX; my ($path, $payload) = @ARGV;
            my $s = IO::Socket::UNIX->new(Peer => $path) or die "connect: $!";
            print $s pack("N", length $payload) . $payload; $s->flush;
            read($s, my $header, 4) == 4 or die; read($s, my $answer, unpack("N", $header)); print $answer;
            """;
        var payload = $$"""{"v":1,"req_id":"x","method":"{{method}}","params":{{parameters}}}""";
        var start = new ProcessStartInfo("/usr/bin/perl") { RedirectStandardOutput = true };
        if (uid is { } id)
        {
            start = new ProcessStartInfo("setpriv") { RedirectStandardOutput = true, ArgumentList = { $"--reuid={id}", $"--regid={id}", "--clear-groups", "/usr/bin/perl" } };
        }

        start.ArgumentList.Add("-e");
        Array.ForEach([script, registry.SocketPath, payload], start.ArgumentList.Add);
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync().Soon();
        await process.WaitForExitAsync().Soon();
        return JsonElement.Parse(output);
    }
}
