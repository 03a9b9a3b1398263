using System.Diagnostics;
using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Alone in the process while they run: they count all that it has.</summary>
[CollectionDefinition(nameof(ChaosTests), DisableParallelization = true)]
public sealed class AloneInTheProcess;

/// <summary>
/// Sandboxes whose processes are killed one by one, whose service is, and very many of them. STRATA_TEST_SANDBOX_CYCLES makes more one after the other,
/// STRATA_TEST_SANDBOX_SESSIONS more at once.
/// </summary>
[Collection(nameof(ChaosTests))]
public sealed class ChaosTests
{
    private const string HomeVariable = "STRATA_TEST_SANDBOX_HOME";
    private const int Live = 3;

    // A connection carries so many streams and no more.
    private const int SessionsOfClient = 10;

    private static int Cycles => Number("STRATA_TEST_SANDBOX_CYCLES", 200);

    private static int AtOnce => Number("STRATA_TEST_SANDBOX_SESSIONS", 50);

    [Fact]
    public async Task Kill_9_of_the_service_leaves_nothing_running_nothing_mounted_and_the_next_one_has_its_sessions()
    {
        using var home = new TempDirectory();
        using var service = StartService(home.Path);
        try
        {
            string[] said = (await service.StandardOutput.ReadLineAfterAsync("ready ").Soon()).Split(' ');
            int[] inits = [.. said.Skip(1).Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];
            Assert.Equal(Live, inits.Length);
            var namespaces = inits.Select(pid => NamespaceMembers.NameOf(pid, "pid")!).ToList();
            Assert.All(namespaces, name => Assert.True(new NamespaceMembers("pid", name).All().Count() >= 2, "its program does not run"));

            service.Kill();
            await service.WaitForExitAsync().Soon();

            await Patience.UntilAsync(() => !namespaces.Exists(name => new NamespaceMembers("pid", name).All().Any()) && !inits.Any(pid => Directory.Exists($"/proc/{pid}")));
            Assert.DoesNotContain(home.Path, File.ReadAllText("/proc/self/mounts"), StringComparison.Ordinal);
            await ComesBackAsync(said[0], service.Id);
            Assert.Empty(Traces.GroupsOf(service.Id));
        }
        finally
        {
            End(service);
        }
    }

    /// <summary>The service that <see cref="Kill_9_of_the_service_leaves_nothing_running_nothing_mounted_and_the_next_one_has_its_sessions"/> kills: this program, started by that test alone.</summary>
    [Fact(Explicit = true)]
    public async Task A_service_that_waits_to_be_killed()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable(HomeVariable) is null, "a part of another test");
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync();
        for (int i = 0; i < Live; i++)
        {
            await client.CreateAsync($$"""{"session":"s{{i}}","ttl_seconds":3600}""");
            Assert.Equal("", await RunAsync(client, $"s{i}", "echo kept > /workspace/kept; sleep 100000 </dev/null >/dev/null 2>&1 &"));
        }

        var inits = node.Sessions.Table.All().Select(InitOf);
        Console.WriteLine($"ready {Path.GetDirectoryName(node.SessionsDirectory)} {string.Join(' ', inits)}");
        await Console.In.ReadToEndAsync(); // Until it is killed, or the test is.
    }

    [Fact]
    public async Task Kill_9_of_one_sandboxs_bubblewrap_costs_that_session_its_processes_and_no_other_anything()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"hit"}""");
        await client.CreateAsync("""{"session":"other"}""");
        Assert.Equal("", await RunAsync(client, "hit", "echo kept > /workspace/kept"));
        Assert.Equal("", await RunAsync(client, "other", "x=still"));
        int init = node.Sessions.Table.All().Where(slot => slot.Record.Name == "hit").Select(InitOf).Single();

        Kill(ProcessStat.Of(init)!.Value.Parent);

        await Patience.UntilAsync(async () => await client.InfoAsync("hit") is { State: "running", Restored: true, Reason: not null });
        Assert.Equal("kept\n", await RunAsync(client, "hit", "cat /workspace/kept"));
        Assert.Equal("still\n", await RunAsync(client, "other", "echo $x"));
        Assert.Null((await client.InfoAsync("other")).Restored);
        await Patience.UntilAsync(() => !Directory.Exists($"/proc/{init}"));
    }

    [Fact]
    public async Task Kill_9_of_a_sessions_shell_is_said_and_the_next_command_has_a_new_one()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync();
        await client.CreateAsync("""{"session":"s"}""");
        await client.RunAsync("x=1");
        int init = node.Sessions.Table.All().Select(InitOf).Single();
        int[] shells = [.. new NamespaceMembers("pid", NamespaceMembers.NameOf(init, "pid")!).All().Where(pid => pid != init)];
        Assert.NotEmpty(shells);

        foreach (int pid in shells)
        {
            Kill(pid);
        }

        await Patience.UntilAsync(() => !shells.Any(pid => Directory.Exists($"/proc/{pid}")));
        var ran = await client.RunAsync("echo ${x-none}");
        Assert.Equal(("none\n", true), (ran.Output, ran.End.ShellRestarted));
    }

    [Fact]
    public async Task Hundreds_of_sessions_one_after_the_other_leave_nothing()
    {
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, time: TimeProvider.System);
        var client = await node.ConnectAsync();
        await CycleAsync(client, "first"); // What is made once is made.
        var before = Traces.Now();

        await Parallel.ForEachAsync(Enumerable.Range(0, Cycles), new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (i, _) => await CycleAsync(client, $"s{i}"));

        await NoMoreThanAsync(client, before);
        Assert.Empty(Directory.EnumerateFileSystemEntries(node.SessionsDirectory));
    }

    [Fact]
    public async Task Very_many_sessions_at_once_run_apart_and_leave_nothing()
    {
        int count = AtOnce;
        using var engine = new BubblewrapEngine();
        await using var node = await SandboxNode.StartAsync(engine, options => options with { MaxSessions = count + 1, MaxSessionsPerOwner = count + 1 }, TimeProvider.System);
        var clients = new SandboxClient[(count / SessionsOfClient) + 1];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = await node.ConnectAsync();
        }

        await CycleAsync(clients[0], "first");
        var before = Traces.Now();
        string[] said = new string[count];
        // As many at a time as a machine of any speed does within a call's patience.
        Task EachAsync(Func<SandboxClient, int, Task> step) =>
            Parallel.ForEachAsync(Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = 50 }, async (i, _) => await step(clients[i % clients.Length], i));

        await EachAsync((client, i) => client.CreateAsync($$"""{"session":"s{{i}}"}"""));
        await EachAsync((client, i) => RunAsync(client, $"s{i}", $"echo {i} > /workspace/mine; x={i}"));
        await EachAsync(async (client, i) => said[i] = await RunAsync(client, $"s{i}", "cat /workspace/mine; echo $x"));

        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i}\n{i}\n"), said);
        Assert.Equal(count, node.Sessions.Table.Count);
        await EachAsync((client, i) => client.StatusAsync("close", $"s{i}"));
        await NoMoreThanAsync(clients[0], before);
    }

    private static int Number(string variable, int usual) => int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : usual;

    private static async Task CycleAsync(SandboxClient client, string session)
    {
        Assert.True((await client.CreateAsync($$"""{"session":"{{session}}"}""")).Created);
        Assert.Equal("in\n", await RunAsync(client, session, "echo in"));
        Assert.Equal("closed", await client.StatusAsync("close", session));
    }

    private static async Task NoMoreThanAsync(SandboxClient client, Traces before)
    {
        try
        {
            await Patience.UntilAsync(async () =>
            {
                if (Traces.Now().IsNoMoreThan(before))
                {
                    return true;
                }

                await CycleAsync(client, "another"); // A group that the kernel was not done with goes with the next one.
                return false;
            });
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"{Traces.Now()} after {before}");
        }
    }

    /// <summary>The sessions of a service that was killed, in another one.</summary>
    private static async Task ComesBackAsync(string state, int service)
    {
        var left = Traces.GroupsOf(service);
        using var engine = new BubblewrapEngine();
        Assert.Equal(engine.Groups.HasTree, left.Count > 0);
        await using var next = await SandboxNode.StartAsync(engine, options => options with { StateDirectory = state }, TimeProvider.System);
        var client = await next.ConnectAsync();
        for (int i = 0; i < Live; i++)
        {
            var back = await client.InfoAsync($"s{i}");
            Assert.Equal(("running", true, "restarted"), (back.State, back.Restored, back.Reason));
            Assert.Equal("kept\n", await RunAsync(client, $"s{i}", "cat /workspace/kept"));
            Assert.Equal("closed", await client.StatusAsync("close", $"s{i}"));
        }
    }

    private static Process StartService(string home)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!, ["-noLogo", "-noColor", "-explicit", "only", "-showLiveOutput", "-method", $"*{nameof(A_service_that_waits_to_be_killed)}"])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        (start.Environment["TMPDIR"], start.Environment[HomeVariable]) = (home, home);
        return Process.Start(start)!;
    }

    private static void End(Process service)
    {
        if (!service.HasExited)
        {
            service.Kill();
            service.WaitForExit();
        }
    }

    private static async Task<string> RunAsync(SandboxClient client, string session, string command)
    {
        var item = await client.GetAsync("exec", $$"""{"session":"{{session}}","command":{{ExecClient.Text(command)}}}""", ContractsJson.Default.SandboxExecItem);
        return System.Text.Encoding.UTF8.GetString(item.StdoutB64 is { } bytes ? bytes.Span : default);
    }

    private static int InitOf(SessionSlot slot)
    {
        using var use = slot.Require().Use(whilePaused: true, touches: false);
        return use.Sandbox.InitPid;
    }

    private static void Kill(int pid)
    {
        using var process = ProcessHandle.Open(pid);
        Assert.Equal(0, ProcessHandle.TrySignal(process, Signal.SIGKILL));
    }
}

/// <summary>Reads what a process says until it says what is waited for.</summary>
internal static class ReaderLines
{
    /// <summary>What follows a word in the first line that has it.</summary>
    internal static async Task<string> ReadLineAfterAsync(this StreamReader reader, string word)
    {
        var all = new List<string>();
        while (await reader.ReadLineAsync() is { } line)
        {
            all.Add(line);
            if (line.IndexOf(word, StringComparison.Ordinal) is >= 0 and var at)
            {
                return line[(at + word.Length)..];
            }
        }

        throw new InvalidOperationException("it ended without a word: " + string.Join('\n', all));
    }
}
