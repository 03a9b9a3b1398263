using Strata.Linux.Tests.Confinement;
using Strata.Linux.Tests.Processes;
using static Strata.Linux.Tests.Confinement.ConfinedChild;

namespace Strata.Linux.Tests.Limits;

/// <summary>What was found on this machine must work; what was not must be refused by name.</summary>
[Collection(nameof(ProcessWideState))]
public sealed class ServiceGroupTests : IDisposable
{
    private readonly ConfinedChild _child = new();
    private readonly ControlGroups _groups = ControlGroups.Discover();
    private readonly List<ServiceGroup> _made = [];

    public void Dispose()
    {
        foreach (ServiceGroup group in _made)
        {
            group.Kill();
            Await.Until(group.TryRemove);
        }

        _child.Dispose();
    }

    [Fact]
    public void A_fork_bomb_stays_within_its_processes_and_is_killed_whole()
    {
        if (Make("limits.pids", _groups.Plan.Processes, new GroupLimits(null, null, 12)) is not { } group)
        {
            return;
        }

        // Every process makes two more for as long as it can, in sessions of their own, then waits to be killed.
        const string bomb = "use POSIX; $SIG{CHLD}='IGNORE'; print \"begun\\n\"; $|=1; for (1..40) { my $p = fork; last unless defined $p; if ($p == 0) { setsid() } } print \"full\\n\"; sleep 1000";
        using var pipe = Pipe.Create();
        using ChildProcess child = _child.Spawn(Perl(bomb) with { StandardOutput = pipe.Writer.Number, Group = group });
        pipe.Writer.Dispose();
        Assert.Contains("begun", Await.Chunk(pipe.Reader), StringComparison.Ordinal);
        string directory = group.Directories.Single(d => File.Exists(Path.Combine(d, "pids.max")));
        Await.Until(() => File.ReadAllText(Path.Combine(directory, "pids.current")).Trim() == "12");
        group.Kill();

        Assert.Equal(Signal.SIGKILL, Await.Exit(child).Signal);
        _ = Await.Text(pipe.Reader); // Ends only when the last of them is gone.
        Await.Until(() => group.IsEmpty);
    }

    [Fact]
    public void A_memory_hog_is_killed_within_its_limit_and_that_is_known()
    {
        if (Make("limits.memory", _groups.Plan.Memory, new GroupLimits(32 << 20, null, null)) is not { } group)
        {
            return;
        }

        const string hog = "my @x; push @x, 'a' x (1 << 20) for 1..512; print 'had it';";
        var (text, exit) = _child.Run(Perl(hog) with { Group = group });
        Assert.Equal(("", (int?)Signal.SIGKILL), (text, exit.Signal));
        Assert.True(group.RanOutOfMemory);
    }

    [Fact]
    public void A_modest_process_runs_in_its_group_from_its_first_instruction()
    {
        if (Make("limits.cpu", _groups.Plan.Cpu, new GroupLimits(null, 0.5, null)) is not { } group)
        {
            return;
        }

        string text = _child.Text(Shell("cat /proc/self/cgroup") with { Group = group });
        Assert.Contains(Path.GetFileName(group.Directories[0]), text, StringComparison.Ordinal);
        Assert.False(group.RanOutOfMemory);
        Await.Until(group.TryRemove);
        Assert.All(group.Directories, directory => Assert.False(Directory.Exists(directory)));
    }

    [Fact]
    public void What_this_machine_cannot_limit_is_refused_by_the_name_of_the_field()
    {
        var none = new ControlGroups(CgroupPlan.None);
        Assert.Equal("limits.memory", Assert.Throws<ConfinementException>(() => none.Create("a", new GroupLimits(1 << 20, null, null))).Field);
        Assert.Equal("limits.cpu", Assert.Throws<ConfinementException>(() => none.Create("a", new GroupLimits(null, 1, null))).Field);
        Assert.Equal("limits.pids", Assert.Throws<ConfinementException>(() => none.Create("a", new GroupLimits(null, null, 1))).Field);
    }

    [Fact]
    public void Without_the_kernels_help_what_is_left_is_killed_one_by_one()
    {
        if (Make("limits.pids", _groups.Plan.Processes, new GroupLimits(null, null, 12)) is not { } group || _groups.Plan.Mechanism != LimitMechanism.Cgroup1)
        {
            return;
        }

        var listed = new ControlGroups(_groups.Plan with { Unified = null }).Create("listed", new GroupLimits(null, null, 12));
        _made.Add(listed);
        using ChildProcess child = _child.Spawn(Shell("setsid sleep 1000 & setsid sleep 1000 & exec sleep 1000") with { Group = listed });

        // A shell that is refused its next process would end by itself.
        string directory = listed.Directories.Single(d => File.Exists(Path.Combine(d, "pids.max")));
        Await.Until(() => File.ReadAllText(Path.Combine(directory, "pids.current")).Trim() == "3");
        listed.Kill();
        Assert.Equal(Signal.SIGKILL, Await.Exit(child).Signal);
        Await.Until(() => listed.IsEmpty);
    }

    private ServiceGroup? Make(string field, string? directory, GroupLimits limits)
    {
        if (directory is null)
        {
            Assert.Equal(field, Assert.Throws<ConfinementException>(() => _groups.Create("test", limits)).Field);
            return null;
        }

        ServiceGroup group = _groups.Create("test", limits);
        _made.Add(group);
        return group;
    }
}
