using System.Globalization;

namespace Strata.Linux.Tests.Processes;

[Collection(nameof(ProcessWideState))]
public sealed class ParentDeathTests
{
    [Fact]
    public void Kill_9_of_the_parent_ends_the_armed_child()
    {
        using var spawner = new SpawnThread();
        using var pipe = Pipe.Create();
        using ChildProcess middle = spawner.Spawn(HelperProgram.Request("middle", pipe.Writer.Number));
        pipe.Writer.Dispose();
        string line = Await.Chunk(pipe.Reader);
        Assert.StartsWith("armed ", line, StringComparison.Ordinal);
        using ChildProcess grandchild = ChildProcess.Open(int.Parse(line[6..].Trim(), CultureInfo.InvariantCulture), leadsGroup: false);
        Assert.Equal(0, grandchild.TrySignal(0));

        Assert.Equal(0, middle.TrySignal(Signal.SIGKILL));

        Assert.Equal(Signal.SIGKILL, Await.Exit(middle).Signal);
        Await.Readable(grandchild.Handle);
        Assert.Equal("", Await.Text(pipe.Reader));
    }

    [Fact]
    public void The_signal_fires_when_the_spawning_thread_ends()
    {
        using var pipe = Pipe.Create();
        var spawner = new SpawnThread();
        using ChildProcess child = spawner.Spawn(
            HelperProgram.Request("arm", pipe.Writer.Number, $"EXPECTED_PARENT={Environment.ProcessId}"));
        Assert.StartsWith("armed ", Await.Chunk(pipe.Reader), StringComparison.Ordinal);
        Assert.Equal(0, child.TryPeekExit(out _));
        spawner.Dispose();
        Assert.Equal(Signal.SIGKILL, Await.Exit(child).Signal);
    }

    [Fact]
    public void A_parent_that_is_gone_already_is_noticed()
    {
        using var spawner = new SpawnThread();
        using var pipe = Pipe.Create();
        using ChildProcess child = spawner.Spawn(HelperProgram.Request("arm", pipe.Writer.Number, "EXPECTED_PARENT=1"));
        Assert.Equal(7, Await.Exit(child).Code);
        Assert.Equal("gone\n", Await.Chunk(pipe.Reader));
    }

    [Fact]
    public void Process_settings_take_hold()
    {
        Assert.Equal("subreaper=1 no_new_privs=1 dumpable=0\n", Run("settings"));
    }

    [Fact]
    public void A_subreaper_reaps_orphans_and_leaves_its_own_children_alone()
    {
        Assert.Equal($"0 1 {-Errno.ESRCH}\n", Run("orphan"));
    }

    private static string Run(string task)
    {
        using var spawner = new SpawnThread();
        using var pipe = Pipe.Create();
        using ChildProcess child = spawner.Spawn(HelperProgram.Request(task, pipe.Writer.Number));
        pipe.Writer.Dispose();
        string text = Await.Text(pipe.Reader);
        Assert.Equal(0, Await.Exit(child).Code);
        return text;
    }
}
