using System.Text.Json;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>A service that calls another with what the supervisor handed it, over real processes.</summary>
public sealed class ServiceCapabilityTests
{
    private const uint Nobody = 65534;

    private static bool IsRoot => UserId.Effective == 0;

    [Fact]
    public async Task It_may_do_what_its_manifest_says_and_nothing_more()
    {
        await using var node = await StartAsync();
        Assert.Contains("hello.txt", await TryAsync(node, "fs.list", ListOf(node.DataDir)), StringComparison.Ordinal);
        Assert.Contains("right_missing", await TryAsync(node, "fs.open", """{"path":"hello.txt"}"""), StringComparison.Ordinal);
        Assert.Contains("path_outside_prefix", await TryAsync(node, "fs.list", ListOf("/etc")), StringComparison.Ordinal);
        Assert.Contains("KeyError('identity')", await TryAsync(node, "identity.issue", "{}"), StringComparison.Ordinal);

        var claims = await IntrospectAsync(node, Token(node));
        Assert.Equal(("service:caller", "fs", node.DataDir, "1000rps"), (claims.Sub, claims.Service, claims.Constraints!.PathPrefix, claims.Constraints.RateLimit));
        Assert.Equal(["fs.list"], claims.Rights!);
        Assert.Null(claims.Actions);
    }

    [Fact]
    public async Task Its_file_is_its_users_alone_and_its_user_is_no_authority()
    {
        await using var node = await StartAsync();
        var file = FileOf(node);
        Assert.Equal(0, FileStatus.TryGetNoFollow(file, out var status));
        Assert.Equal((0x100, IsRoot ? Nobody : UserId.Effective), (status.Mode, status.Uid));
        if (!IsRoot)
        {
            return;
        }

        var other = await Command.RunAsync("setpriv", ["--reuid=1234", "--regid=1234", "--clear-groups", "cat", file], node.Settings);
        Assert.Contains("Permission denied", other.Error, StringComparison.Ordinal);
        // What its user may ask without a token is nothing.
        var asked = await Command.RunAsync(
            "setpriv", [$"--reuid={Nobody}", "--regid=65534", "--clear-groups", Checkout.Program("strata-ctl"), "token", "issue", "--service", "fs", "--rights", "fs.open"], node.Settings);
        Assert.NotEqual(0, asked.ExitCode);
    }

    [Fact]
    public async Task What_a_killed_instance_held_is_dead_and_the_next_has_its_own()
    {
        await using var node = await StartAsync();
        var (file, token) = (FileOf(node), Token(node));
        var pid = await node.PidAsync("caller");
        Node.Signal(pid, Signal.SIGKILL);
        await node.WaitForStateAsync("caller", "Healthy", otherThanPid: pid);
        Assert.Contains("hello.txt", await TryAsync(node, "fs.list", ListOf(node.DataDir)), StringComparison.Ordinal);

        Assert.False(File.Exists(file));
        await UntilRevokedAsync(node, token);
        Assert.NotEqual(token, Token(node));

        var last = Token(node);
        (await node.CtlAsync("svc", "stop", "caller")).Succeeded();
        await UntilRevokedAsync(node, last);
        await Strata.Tests.Patience.UntilAsync(() => Files(node).Length == 0);
    }

    [Fact]
    public async Task They_are_renewed_before_they_end_also_when_identity_was_killed_meanwhile()
    {
        await using var node = await StartAsync(settings => settings["STRATA_CAPABILITY_TTL_SECONDS"] = "10");
        var (file, token) = (FileOf(node), Token(node));
        var identity = await node.PidAsync("identity");
        Node.Signal(identity, Signal.SIGKILL);
        await node.WaitForStateAsync("identity", "Healthy", otherThanPid: identity);

        await Strata.Tests.Patience.UntilAsync(() => Token(node) != token);
        Assert.Equal(file, FileOf(node));
        Assert.True((await IntrospectAsync(node, token)).Active, "the one before lives on, for calls that are under way");
        Assert.Contains("hello.txt", await TryAsync(node, "fs.list", ListOf(node.DataDir)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_stays_behind_a_supervisor_that_was_killed()
    {
        await using var node = await StartAsync(settings => settings["STRATA_EXIT_WITH_CHILDREN"] = "1");
        var token = Token(node);
        var pids = node.Processes();
        Node.Signal(node.SupervisorPid, Signal.SIGKILL);
        Assert.True(await Node.AllGoneAsync(pids));
        await node.LaunchAsync();

        Assert.Contains("hello.txt", await TryAsync(node, "fs.list", ListOf(node.DataDir)), StringComparison.Ordinal);
        Assert.NotEqual(token, Token(node));
        await UntilRevokedAsync(node, token);
    }

    [Fact]
    public async Task A_service_confined_by_paths_reads_its_own_file_after_every_renewal()
    {
        await using var node = await StartAsync(settings => settings["STRATA_CAPABILITY_TTL_SECONDS"] = "10", data => $$""", "read": ["{{data}}"]""");
        var token = Token(node);
        await Strata.Tests.Patience.UntilAsync(() => Token(node) != token);
        Assert.Contains("hello.txt", await TryAsync(node, "fs.list", ListOf(node.DataDir)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Route_tells_why_it_may_call_or_not_and_which_line_decides()
    {
        await using var node = await StartAsync();
        var manifest = Path.Combine(node.Folder, "services.d/caller.service.json");
        var allowed = await node.CtlAsync("route", "caller", "fs.list");
        Assert.Equal(0, allowed.ExitCode);
        Assert.StartsWith("caller may call fs.list\n", allowed.Output, StringComparison.Ordinal);
        Assert.Contains($"[{manifest}:7:50]", allowed.Output, StringComparison.Ordinal);
        Assert.Contains("renewed before", allowed.Output, StringComparison.Ordinal);

        var denied = await node.CtlAsync("route", "caller", "fs.open", "--json");
        Assert.Equal(1, denied.ExitCode);
        var route = JsonDocument.Parse(denied.Output).RootElement;
        Assert.False(route.GetProperty("allowed").GetBoolean());
        Assert.Contains("does not hold the right fs.open", route.GetProperty("verdict").GetString(), StringComparison.Ordinal);
        Assert.Contains(route.GetProperty("hops").EnumerateArray(), hop => hop.GetProperty("passes").GetString() == "no" && hop.GetProperty("place").GetString()!.StartsWith(manifest + ":7:", StringComparison.Ordinal));
        Assert.Contains("did you mean fs.list?", (await node.CtlAsync("route", "caller", "fs.lsit")).Output, StringComparison.Ordinal);
        Assert.Contains("did you mean caller?", (await node.CtlAsync("route", "calelr", "fs.list")).Error, StringComparison.Ordinal);
        // What it says is so.
        Assert.Contains("right_missing", await TryAsync(node, "fs.open", """{"path":"hello.txt"}"""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_right_that_nobody_asks_for_is_pointed_out_at_issue()
    {
        await using var node = await Node.StartAsync();
        var issued = (await node.CtlAsync("token", "issue", "--service", "fs", "--rights", "fs.raed,fs.open", "-q")).Succeeded();
        Assert.Contains("no method of fs asks for fs.raed; did you mean fs.read?", issued.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("fs.open", issued.Error, StringComparison.Ordinal);
    }

    internal static async Task<Node> StartAsync(Action<Dictionary<string, string?>>? settings = null, Func<string, string>? confinement = null)
    {
        var node = Node.Prepare();
        settings?.Invoke(node.Settings);
        var script = Path.Combine(node.DataDir, "caller.py");
        File.Copy(Checkout.At("tests/EndToEnd.Tests/Services/caller.py"), script);
        node.Declare("caller", $$"""
            {
              "name": "caller",
              "exec": ["/usr/bin/python3", "{{script}}"],
              "readiness": { "timeout": "30s" },
              "restart": { "initial": "1ms" },
              "confinement": { {{(IsRoot ? "\"user\": \"65534\", \"group\": \"65534\"" : "\"no_new_privileges\": true")}}{{confinement?.Invoke(node.DataDir)}} },
              "capabilities": [{ "service": "fs", "rights": ["fs.list"], "constraints": { "path_prefix": "{{node.DataDir}}", "rate_limit": "1000rps" } }]
            }
            """);
        try
        {
            await node.LaunchAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    internal static string ListOf(string path) => $$"""{"path":"{{path}}"}""";

    internal static async Task<string> TryAsync(Node node, string method, string parameters)
    {
        var response = await node.CallAsync("caller.try", $$"""{"method":"{{method}}","params":{{parameters}}}""");
        return System.Text.Encoding.UTF8.GetString(response.Result.Span);
    }

    private static string[] Files(Node node) => Directory.GetFiles(Path.Combine(node.RuntimeDir, "capabilities/caller"), "*.json");

    private static string FileOf(Node node) => Assert.Single(Files(node));

    internal static string Token(Node node) => JsonDocument.Parse(File.ReadAllText(FileOf(node))).RootElement.GetProperty("fs").GetProperty("token").GetString()!;

    internal static async Task<IntrospectResult> IntrospectAsync(Node node, string token) =>
        (await node.CallAsync("identity.introspect", $$"""{"token":"{{token}}"}""")).Get(ContractsJson.Default.IntrospectResult);

    private static async Task UntilRevokedAsync(Node node, string token)
    {
        using var limit = new CancellationTokenSource(Node.Patience);
        while (await IntrospectAsync(node, token) is { Active: true })
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        Assert.Equal("revoked", (await IntrospectAsync(node, token)).Reason);
    }
}
