using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests.Confinement;

/// <summary>What the kernel denies is counted, shown and audited.</summary>
public sealed class DenialTests
{
    private static readonly CgroupPlan Groups = ControlGroups.Discover().Plan;

    [Fact]
    public async Task A_service_that_tries_the_forbidden_is_denied_shown_and_audited_also_its_children()
    {
        using var feed = DenialFeed.TryOpen(out var unseen);
        await using var node = Start(Script("trespasser", "my $child = !fork; while (1) { $child ? syscall(165, 0, 0, 0, 0, 0) : syscall(272, 0x10000000); select(undef, undef, undef, 0.05) }"));
        if (feed is null)
        {
            Assert.Equal(unseen, (await ListAsync(node)).DenialsUnseen);
            return;
        }

        // The kernel may drop what it tells while the machine is busy, so it is tried again and again.
        await UntilAsync(node, denied => denied.Any(d => d is ("seccomp:unshare", >= 4)) && denied.Any(d => d is ("seccomp:mount", >= 1)));
        var audit = Path.Combine(node.Settings.AuditDir, "supervisor.jsonl");
        await Patience.UntilAsync(() => new[] { "seccomp:mount 1", "seccomp:unshare 1", "seccomp:unshare 2", "seccomp:unshare 4" }.Except(
            Records(audit).Select(r => $"{r.GetProperty("reason").GetString()} {r.GetProperty("count").GetInt64()}")).Any() == false);
        // Told at each doubling, and at nothing between.
        Assert.All(Records(audit).GroupBy(r => r.GetProperty("reason").GetString()), kind => Assert.Equal(
            Enumerable.Range(0, kind.Count()).Select(doubling => 1L << doubling), kind.Select(r => r.GetProperty("count").GetInt64())));
        Assert.All(Records(audit), r => Assert.Equal(("trespasser", "denied"), (r.GetProperty("resource").GetString(), r.GetProperty("outcome").GetString())));
    }

    [Fact]
    public async Task Processes_that_a_limit_refuses_are_counted_while_the_service_runs_and_after()
    {
        if (Groups.Processes is null)
        {
            return;
        }

        var bomb = Script("bomb", "for (1..20) { my $p = fork; if (defined $p && !$p) { sleep 1000 } } sleep 1000") with { Limits = new LimitsPolicy { Pids = 4 } };
        await using var node = Start(bomb with { Restart = RestartPolicy.Never });
        await UntilAsync(node, denied => denied.Any(d => d is ("limits.pids", >= 17)));
        var known = await node.UntilAsync(n => n.State.Services["bomb"] is { Pid: not null } it ? it : null);
        Processes.Send(known.Pid!.Value, Signal.SIGKILL);
        await node.UntilAsync("bomb", ServiceState.Stopped);
        Assert.Contains((await ListAsync(node)).Services.Single().Denied!, d => d is { What: "limits.pids", Count: >= 17 });
    }

    [Fact]
    public void Counts_are_told_at_each_doubling_and_kinds_are_bounded()
    {
        var news = new List<(string What, long Count)>();
        var book = new DenialBook { OnNews = (_, what, count, _) => news.Add((what, count)) };
        for (var i = 0; i < 1000; i++)
        {
            book.Add("a", "x", 1, null);
        }

        Assert.Equal([1, 2, 4, 8, 16, 32, 64, 128, 256, 512], news.Select(n => n.Count));
        book.Add("a", "y", 5, null);
        Assert.Equal(("y", 5), news[^1]);
        book.Add("a", "z", 0, null);
        for (var kind = 2; kind < DenialBook.MaxKinds; kind++)
        {
            book.Add("a", $"k{kind}", 1, null);
        }

        Assert.Equal(DenialBook.MaxKinds, book.Of("a").Count);
        book.Add("a", "one more", 1, null);
        book.Add("a", "and another", 1, null);
        Assert.Equal(2, book.Of("a")[DenialBook.Others]);
        Assert.Equal(DenialBook.MaxKinds + 1, book.Of("a").Count);
        Assert.Equal(1000, book.Of("a")["x"]);
        Assert.Empty(book.Of("b"));
    }

    private static ServiceManifest Script(string name, string script) => new()
    {
        Name = name, Program = "/usr/bin/perl", Arguments = ["-e", script], Readiness = new ReadinessPolicy { Method = ReadinessMethod.None },
    };

    private static List<JsonElement> Records(string path) =>
        [.. File.ReadAllLines(path).Select(line => JsonElement.Parse(line)).Where(r => r.GetProperty("event").GetString() == "confinement.denied")];

    private static async Task UntilAsync(TestNode node, Func<List<(string What, long Count)>, bool> wanted)
    {
        using var limit = new CancellationTokenSource(Deadline);
        List<(string What, long Count)> denied;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            denied = [.. ((await ListAsync(node)).Services.Single().Denied ?? []).Select(d => (d.What, d.Count))];
        }
        while (!wanted(denied));
    }

    private static async Task<ServiceList> ListAsync(TestNode node)
    {
        await using var client = await node.ConnectAsync();
        return await client.CallAsync("supervisor.svc.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceList);
    }
}
