using System.Globalization;

namespace Strata.Linux.Tests.Processes;

/// <summary>What happens between the making of a child and its program's first instruction.</summary>
[Collection(nameof(ProcessWideState))]
public sealed class GateTests : IDisposable
{
    private readonly SpawnThread _spawner = new();
    private readonly TempDirectory _temp = new();

    public void Dispose()
    {
        _spawner.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void A_program_does_not_begin_before_whoever_must_know_of_it_was_told()
    {
        string? image = null;
        int told = 0;
        using ChildProcess child = _spawner.Spawn(Shell("touch begun") with
        {
            BeforeStart = pid =>
            {
                told = pid;
                image = new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/exe")).LinkTarget;
                Assert.False(File.Exists(_temp["begun"]));
            },
        });

        Assert.Equal(child.Pid, told);
        Assert.Equal(Environment.ProcessPath, image);
        Assert.Equal(0, Await.Exit(child).Code);
        Assert.True(File.Exists(_temp["begun"]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_program_whose_start_is_forbidden_at_the_gate_never_begins_and_leaves_no_child(bool limited)
    {
        int told = 0;
        var request = Shell("touch begun") with
        {
            Limits = limited ? new ResourceLimits { OpenFiles = 64 } : null,
            Confinement = limited ? new Strata.Linux.Confinement() : null, // Without no_new_privs only root may hold a child.
            BeforeStart = pid =>
            {
                told = pid;
                throw new InvalidOperationException("not today");
            },
        };

        Assert.Equal("not today", Assert.Throws<InvalidOperationException>(() => _spawner.Spawn(request)).Message);

        Assert.False(File.Exists(_temp["begun"]));
        Assert.Null(ProcessStat.Of(told));
    }

    [Fact]
    public void Any_program_can_be_made_to_end_with_its_parent()
    {
        var spawner = new SpawnThread();
        using ChildProcess child = spawner.Spawn(Shell("exec sleep 1000") with { EndsWithParent = true });
        using ChildProcess other = spawner.Spawn(Shell("exec sleep 1000"));
        spawner.Dispose();

        Assert.Equal(Signal.SIGKILL, Await.Exit(child).Signal);
        Assert.Equal(0, other.TryPeekExit(out _));
        Assert.Equal(0, other.TrySignalGroup(Signal.SIGKILL));
        _ = Await.Exit(other);
    }

    [Fact]
    public void A_spawn_takes_its_maximum_of_descriptors()
    {
        int[] many = [.. Enumerable.Repeat(2, SpawnRequest.MaxExtraDescriptors)];
        using ChildProcess child = _spawner.Spawn(Shell($"test -e /proc/self/fd/{2 + many.Length} && ! test -e /proc/self/fd/{4 + many.Length}") with { ExtraDescriptors = many });
        Assert.Equal(0, Await.Exit(child).Code);
    }

    private SpawnRequest Shell(string script) => new()
    {
        Program = "/bin/sh",
        Arguments = ["sh", "-c", script],
        Environment = ["PATH=/usr/bin:/bin"],
        WorkingDirectory = _temp.Path,
    };
}
