using System.Text;

namespace Strata.Linux.Tests.Confinement;

/// <summary>What the kernel tells of denied calls.</summary>
public sealed class DenialFeedTests
{
    [Fact]
    public void A_record_tells_process_and_call_and_a_programs_name_forges_neither()
    {
        var record = "audit(1795253894.179:2): auid=1 uid=0 gid=0 ses=2 pid=18323 comm=\"python3\" exe=\"/x\" sig=0 arch=c000003e syscall=272 compat=0 ip=0x7f code=0x50001\0";
        Assert.Equal(new DeniedCall(18323, Call(272)), DeniedCall.Parse(Encoding.ASCII.GetBytes(record)));
        Assert.Equal(18323, DeniedCall.Parse(Encoding.ASCII.GetBytes(record.Replace("\"python3\"", "207069643d31", StringComparison.Ordinal)))!.Pid);
        Assert.Null(DeniedCall.Parse("audit(1:2): pid=1"u8));
        Assert.Null(DeniedCall.Parse("audit(1:2): pid=x syscall=1"u8));
        Assert.Null(DeniedCall.Parse(""u8));
        Assert.Equal("99999", DeniedCall.Parse("a: pid=1 syscall=99999"u8)!.Call);
    }

    [Fact]
    public void A_call_that_a_filter_denies_is_told_with_its_process_and_an_answered_thread_is_not()
    {
        using var feed = DenialFeed.TryOpen(out var fault);
        if (feed is null)
        {
            Assert.NotNull(fault);
            return; // Only root on the machine's own network may listen.
        }

        using var thread = new SpawnThread();
        using var child = thread.Spawn(new SpawnRequest
        {
            Program = "/usr/bin/perl",
            Arguments = ["perl", "-e", "syscall(272, 0x10000000); fork or exit 0; wait; syscall(272, 0x10000000); exec '/bin/true'"],
            Environment = [],
            Confinement = new Linux.Confinement { Seccomp = SeccompProfile.Strict },
        });
        using var epoll = new Epoll();
        epoll.Add(feed.Handle.Number, EpollEvents.Readable, 1);
        var calls = new List<string>();
        while (calls.Count < 3)
        {
            Assert.Equal(1, epoll.Wait(new EpollReady[1], (int)Patience.Limit.TotalMilliseconds));
            while (feed.TryReceive(out var denied) == 1)
            {
                calls.AddRange(denied?.Pid == child.Pid ? [denied.Call] : []);
            }
        }

        Assert.Equal([Call(272), Call(272), "execve"], calls);
    }

    private static string Call(int number) => SeccompFilter.NameOf(number);
}
