using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>What services print, over a node of real programs. fs is started by a script that prints before it becomes fs.</summary>
public sealed class LogTests
{
    [Fact]
    public async Task What_a_service_printed_is_found_by_name_and_stream_and_as_structured_lines()
    {
        await using var node = await StartAsync("echo 'plain words'; printf 'trouble \\033[2J\\n' >&2");
        var shown = (await node.CtlAsync("logs", "fs")).Succeeded().Output;
        Assert.Matches("(?m)^[-0-9]{10}T[0-9:.]{12}Z fs           plain words$", shown);
        Assert.Contains("trouble \\x1b[2J\n", shown, StringComparison.Ordinal);
        Assert.Contains(" serving ", shown, StringComparison.Ordinal);

        var errors = Lines(await node.CtlAsync("logs", "fs", "--stream", "stderr", "--json"));
        Assert.DoesNotContain(errors, l => l.GetProperty("text").GetString() == "plain words");
        var serving = errors.Single(l => l.TryGetProperty("fields", out var fields) && fields.GetProperty("event").GetString() == "listening");
        Assert.Equal(node.Socket("fs"), serving.GetProperty("fields").GetProperty("socket").GetString());

        var all = Lines(await node.CtlAsync("logs", "--json"));
        Assert.Subset(all.Select(l => l.GetProperty("service").GetString()).ToHashSet(), new HashSet<string?> { "supervisor", "registry", "identity", "fs" });
        var since = all[^2].GetProperty("seq").GetInt64();
        Assert.Equal(since, Lines(await node.CtlAsync("logs", "--json", "--since", $"{since}"))[0].GetProperty("seq").GetInt64());
        Assert.Single((await node.CtlAsync("logs", "-n", "1")).Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        // On the supervisor's standard error as ever: own lines as they were, others as the message of one.
        Assert.Contains("service=fs event=output stream=stdout incarnation=1 msg=\"plain words\"", node.Log, StringComparison.Ordinal);
        Assert.Contains("service=fs event=listening", node.Log, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', node.Log);
    }

    [Fact]
    public async Task A_followed_log_goes_on_over_the_death_of_the_service_and_has_its_last_words()
    {
        await using var node = await StartAsync("if [ -e $STRATA_STATE_DIR/audit/die ]; then rm $STRATA_STATE_DIR/audit/die; echo my last words; kill -9 $$; fi");
        using var limit = new CancellationTokenSource(Node.Patience);
        await using var client = await node.ConnectAsync("supervisor");
        await using var pages = client.StreamAsync(RpcRequest.Of("supervisor.logs", new LogsParams(["fs"]), ContractsJson.Default.LogsParams), limit.Token)
            .GetAsyncEnumerator(limit.Token);
        Assert.True(await pages.MoveNextAsync());
        Assert.True(pages.Current.Get(ContractsJson.Default.LogPage).CaughtUp);

        // In the one place that is open to whatever runs as fs.
        File.WriteAllText(Path.Combine(node.RuntimeDir, "state/audit/die"), "");
        Node.Signal(await node.PidAsync("fs"), Signal.SIGKILL);
        var seen = new List<LogEntry>();
        while (!seen.Any(l => l.Incarnation == 3 && l.Fields?["event"] == "listening"))
        {
            Assert.True(await pages.MoveNextAsync());
            seen.AddRange(pages.Current.Get(ContractsJson.Default.LogPage).Lines);
        }

        Assert.Equal(2, seen.Single(l => l.Text == "my last words").Incarnation);
        Assert.Equal(seen.Select(l => l.Seq).Order(), seen.Select(l => l.Seq));
    }

    [Fact]
    public async Task A_flood_is_throttled_and_counted_and_disturbs_nobody()
    {
        const int printed = 200_000;
        await using var node = await StartAsync($"yes a line of a flood | head -n {printed}");
        using var limit = new CancellationTokenSource(Node.Patience);
        await using var client = await node.ConnectAsync("supervisor");
        var (kept, lost) = (0L, 0L);
        await foreach (var frame in client.StreamAsync(RpcRequest.Of("supervisor.logs", new LogsParams(["fs"], SinceSeq: 0), ContractsJson.Default.LogsParams), limit.Token))
        {
            var page = frame.Get(ContractsJson.Default.LogPage);
            lost += page.Lines.Sum(l => l.Lost ?? 0);
            if (lost > 0)
            {
                break;
            }
        }

        // Memory has the newest lines alone; the files have all that was kept.
        await node.StopAsync();
        foreach (var line in Directory.GetFiles(LogsOf(node, "fs")).SelectMany(File.ReadAllLines).Select(text => JsonElement.Parse(text)))
        {
            kept += line.GetProperty("text").GetString() == "a line of a flood" ? 1 : 0;
        }

        Assert.InRange(kept, 2000, 10_000);
        var told = Directory.GetFiles(LogsOf(node, "fs")).SelectMany(File.ReadAllLines).Select(text => JsonElement.Parse(text))
            .Sum(l => l.TryGetProperty("lost", out var count) ? count.GetInt64() : 0);
        // Lines of fs itself may be among those lost.
        Assert.InRange(kept + told, printed, printed + 20);
    }

    [Fact]
    public async Task Lines_survive_the_supervisor_in_files_and_are_shown_again_with_numbers_that_go_on()
    {
        await using var node = await StartAsync("echo I was here");
        var before = Lines(await node.CtlAsync("logs", "fs", "--json")).Single(l => l.GetProperty("text").GetString() == "I was here");
        Node.Signal(node.SupervisorPid, Signal.SIGKILL);
        Assert.True(await Node.AllGoneAsync(node.Processes()));
        await node.LaunchAsync();

        var again = Lines(await node.CtlAsync("logs", "fs", "--json")).Where(l => l.GetProperty("text").GetString() == "I was here").ToList();
        Assert.Equal(2, again.Count);
        Assert.Equal(before.GetRawText(), again[0].GetRawText());
        Assert.True(again[1].GetProperty("seq").GetInt64() > before.GetProperty("seq").GetInt64());
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(LogsOf(node, "fs")));
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(Path.Combine(LogsOf(node, "fs"), "log.jsonl")));
    }

    [Fact]
    public async Task A_supervisor_whose_standard_error_nobody_reads_serves_on()
    {
        await using var node = Node.Prepare();
        PrintAtStart(node, "yes x | head -n 100000");
        // Standard error is redirected to a pipe that only fills: begun, never read.
        var start = new System.Diagnostics.ProcessStartInfo(Checkout.Program("supervisor")) { RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in node.Settings)
        {
            start.Environment[name] = value;
        }

        using var supervisor = System.Diagnostics.Process.Start(start)!;
        try
        {
            Assert.Equal(0, (await node.CtlAsync("status", "--wait", "20s")).ExitCode);
            await node.CallAsync("supervisor.svc.restart", """{"name":"fs"}""");
            Assert.Equal("fs", (await node.CallAsync("fs.ping")).Get(ContractsJson.Default.PingResult).Service);
            Node.Signal(supervisor.Id, Signal.SIGTERM);
            using var limit = new CancellationTokenSource(Node.Patience);
            await supervisor.WaitForExitAsync(limit.Token);
            Assert.Equal(0, supervisor.ExitCode);
        }
        finally
        {
            supervisor.Kill();
        }
    }

    [Fact]
    public async Task A_capability_for_something_else_does_not_open_the_log()
    {
        await using var node = await Node.StartAsync();
        var token = (await node.IssueAsync()).Token;
        var refused = await node.CallAsync("supervisor.logs", token: token);
        Assert.Equal(ErrorCode.PermissionDenied, refused.Error?.Code);
        await using var client = await node.ConnectAsync("identity");
        var issued = await client.CallAsync(
            "identity.issue", new IssueParams("supervisor", Rights: ["supervisor.logs"], TtlSeconds: 600), ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult);
        Assert.Null((await node.CallAsync("supervisor.logs", token: issued.Token)).Error);
    }

    [Fact]
    public async Task Kept_events_end_without_waiting_and_a_number_of_an_earlier_supervisor_is_said()
    {
        await using var node = await Node.StartAsync();
        var events = Lines(await node.CtlAsync("events", "--json"));
        Assert.Equal(Enumerable.Range(1, events.Count).Select(n => (long)n), events.Select(e => e.GetProperty("seq").GetInt64()));
        Assert.Contains(events, e => e.GetProperty("summary").GetString()!.StartsWith("fs is Healthy: ", StringComparison.Ordinal));
        Node.Signal(await node.PidAsync("fs"), Signal.SIGKILL);
        await node.WaitForStateAsync("fs", "Restarting").WaitAsync(Node.Patience);
        var crash = Lines(await node.CtlAsync("events", "--json", "--from", $"{events.Count + 1}")).Single(e => e.GetProperty("event").GetString() == "svc.crash");
        Assert.Equal(("signal", 9), (crash.GetProperty("crash").GetString(), crash.GetProperty("signal").GetInt32()));
        Assert.Equal("reset", Lines(await node.CtlAsync("events", "--json", "--from", "1000000"))[0].GetProperty("event").GetString());
    }

    private static string LogsOf(Node node, string service) => Path.Combine(node.RuntimeDir, "state", "logs", service);

    private static async Task<Node> StartAsync(string script)
    {
        var node = Node.Prepare();
        try
        {
            PrintAtStart(node, script);
            node.Settings["STRATA_EXIT_WITH_CHILDREN"] = "1";
            await node.LaunchAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    private static void PrintAtStart(Node node, string script)
    {
        var program = Path.Combine(node.Folder, "fs");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\nexec {Checkout.Program("fs")} \"$@\"\n");
        File.SetUnixFileMode(program, (UnixFileMode)0x1C0);
        node.Settings["STRATA_FS_BIN"] = program;
    }

    private static List<JsonElement> Lines(CommandResult result) =>
        [.. result.Succeeded().Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(text => JsonElement.Parse(text))];
}
