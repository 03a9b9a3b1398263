using System.Collections.Concurrent;

namespace Strata.Supervisor.Tests;

public sealed class ServiceManagerTests
{
    private readonly ManualTime _time = new();
    private readonly ConcurrentQueue<string> _sent = new();

    private ServiceManager Manager(string? socket = "/run/notify", string? microseconds = null, string? pid = null) => ServiceManager.From(
        name => name switch { "NOTIFY_SOCKET" => socket, "WATCHDOG_USEC" => microseconds, "WATCHDOG_PID" => pid, _ => null },
        7,
        message =>
        {
            _sent.Enqueue(message);
            return true;
        },
        _time);

    [Fact]
    public void Signs_of_life_are_due_well_within_the_interval_when_it_means_this_process()
    {
        var manager = Manager(microseconds: "3000000", pid: "7");
        manager.Ready("good");
        Assert.Equal(TimeSpan.FromSeconds(1), manager.BeatInterval(isStopping: false));
        Assert.Equal(TimeSpan.FromSeconds(1), manager.BeatInterval(isStopping: true));
        var other = Manager(microseconds: "3000000", pid: "8");
        other.Ready("good");
        Assert.Null(other.BeatInterval(isStopping: false));
        Assert.Null(Manager(socket: null).BeatInterval(isStopping: true));
    }

    [Fact]
    public async Task Patience_is_asked_for_while_the_node_comes_up_and_goes_down_and_not_between()
    {
        const string patience = "EXTEND_TIMEOUT_USEC=60000000";
        var manager = Manager(microseconds: "30000000");
        Assert.Equal([$"WATCHDOG=1\n{patience}"], await BeatAsync(manager, isStopping: false));

        manager.Ready("good");
        Assert.Equal(["READY=1\nSTATUS=good", "WATCHDOG=1"], await BeatAsync(manager, isStopping: false));
        Assert.Equal([$"WATCHDOG=1\n{patience}"], await BeatAsync(manager, isStopping: true));

        var unwatched = Manager();
        Assert.Equal(TimeSpan.FromSeconds(15), unwatched.BeatInterval(isStopping: false));
        Assert.Equal([patience], await BeatAsync(unwatched, isStopping: false));
        unwatched.Ready("good");
        Assert.Null(unwatched.BeatInterval(isStopping: false));
        Assert.Equal(TimeSpan.FromSeconds(15), unwatched.BeatInterval(isStopping: true));
    }

    [Fact]
    public async Task A_busy_loop_sends_no_more_signs_of_life_than_are_of_use()
    {
        var manager = Manager(microseconds: "30000000");
        Assert.Single(await BeatAsync(manager, isStopping: false));
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(49));
            manager.Beat(isStopping: false);
        }

        Assert.Empty(_sent);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        manager.Beat(isStopping: false);
        await Patience.UntilAsync(() => _sent.Count == 1);
    }

    [Fact]
    public void A_line_for_people_is_sent_when_it_is_news()
    {
        var manager = Manager();
        manager.Status("1 of 2");
        manager.Status("1 of 2");
        manager.Ready("2 of 2");
        manager.Status("2 of 2");
        manager.Status("1 of 2");
        Assert.Equal(["STATUS=1 of 2", "READY=1\nSTATUS=2 of 2", "STATUS=1 of 2"], _sent);
    }

    [Fact]
    public void A_reload_is_told_before_and_after_and_its_outcome_stays_in_sight()
    {
        var manager = Manager();
        _time.Advance(TimeSpan.FromSeconds(2));
        manager.Reloading();
        manager.Reloaded("configuration 2 in force");
        Assert.Empty(_sent); // Nobody waits for the end of a reload that came before readiness.

        manager.Ready("2 of 2");
        manager.Reloading();
        manager.Reloaded("configuration 3 in force");
        manager.Status("1 of 2");
        var microseconds = (long)_time.GetElapsedTime(0).TotalMicroseconds;
        Assert.Equal(
            [
                "READY=1\nSTATUS=2 of 2; configuration 2 in force",
                $"RELOADING=1\nMONOTONIC_USEC={microseconds}\nSTATUS=applying the configuration",
                "READY=1\nSTATUS=2 of 2; configuration 3 in force",
                "STATUS=1 of 2; configuration 3 in force",
            ],
            _sent);
    }

    [Fact]
    public void A_service_manager_that_is_gone_disturbs_nobody()
    {
        var manager = ServiceManager.From(_ => "/run/notify", 7, _ => throw new Linux.LinuxException(-Linux.Errno.ECONNREFUSED, "sendmsg"), _time);
        manager.Status("good");
        manager.Ready("good");
        Assert.True(manager.IsReady);
    }

    /// <summary>Lets an interval pass and beats; what was sent since the last time.</summary>
    private async Task<string[]> BeatAsync(ServiceManager manager, bool isStopping)
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        var before = _sent.Count;
        manager.Beat(isStopping);
        await Patience.UntilAsync(() => _sent.Count > before);
        var all = _sent.ToArray();
        _sent.Clear();
        return all;
    }
}
