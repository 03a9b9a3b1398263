namespace Strata.Linux.Tests.Processes;

[Collection(nameof(ProcessWideState))]
public sealed class ChildProcessTests : IDisposable
{
    private readonly SpawnThread _spawner = new();

    public void Dispose() => _spawner.Dispose();

    [Fact]
    public void The_exit_code_arrives_by_the_pidfd()
    {
        using ChildProcess child = Shell("exit 42");
        Await.Readable(child.Handle);
        Assert.Equal(1, child.TryPeekExit(out ProcessExit peeked));
        Assert.Equal(1, child.TryReap(out ProcessExit exit));
        Assert.Equal((peeked, new ProcessExit(42, null, false)), (exit, exit));
        Assert.Equal("exit code 42", exit.ToString());
        Assert.Equal(-Errno.ECHILD, child.TryReap(out _));
        Assert.Equal(-Errno.ESRCH, child.TrySignal(0));
        Assert.Equal(-Errno.ESRCH, child.TrySignalGroup(Signal.SIGKILL));
    }

    [Fact]
    public void A_running_child_has_no_exit_and_a_killed_one_names_the_signal()
    {
        using ChildProcess child = Shell("exec sleep 1000");
        Assert.Equal(0, child.TryReap(out _));
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(child.Handle.Number));
        Assert.Equal(0, child.TrySignal(Signal.SIGKILL));
        ProcessExit exit = Await.Exit(child);
        Assert.Equal((null, Signal.SIGKILL), (exit.Code, exit.Signal!.Value));
        Assert.Equal("signal SIGKILL", exit.ToString());
    }

    [Fact]
    public void What_an_ended_leader_left_in_its_group_is_killed_before_reaping()
    {
        using var pipe = Pipe.Create();
        using ChildProcess child = Shell("sleep 1000 & exit 0", pipe.Writer.Number);
        pipe.Writer.Dispose();
        Await.Readable(child.Handle);
        Assert.Equal(1, child.TryPeekExit(out _));
        Assert.Equal(0, child.TrySignalGroup(Signal.SIGKILL));
        // The grandchild holds the pipe: its end shows that it is gone.
        Assert.Equal("", Await.Text(pipe.Reader));
        Assert.Equal(0, Await.Exit(child).Code);
    }

    [Fact]
    public void A_group_is_signalled_only_when_it_is_the_childs_own()
    {
        using ChildProcess child = _spawner.Spawn(new SpawnRequest
        {
            Program = "/bin/sleep", Arguments = ["sleep", "1000"], Environment = [], NewSession = false,
        });
        Assert.Equal(-Errno.EINVAL, child.TrySignalGroup(Signal.SIGKILL));
        child.TrySignal(Signal.SIGKILL);
        _ = Await.Exit(child);
    }

    [Fact]
    public void A_running_childs_descriptor_limit_can_be_set()
    {
        using Pipe input = Pipe.Create(nonBlockingReader: false), output = Pipe.Create();
        using ChildProcess child = Shell("read x; ulimit -n; ulimit -H -n", output.Writer.Number, input.Reader.Number);
        output.Writer.Dispose();
        OpenFileLimit.Set(new OpenFileLimit(50, 60), child.Pid);
        Assert.Equal(new OpenFileLimit(50, 60), OpenFileLimit.Get(child.Pid));
        Descriptors.TryWrite(input.Writer.Number, "\n"u8);
        Assert.Equal("50\n60\n", Await.Text(output.Reader));
        _ = Await.Exit(child);
        Assert.Equal(Errno.EINVAL, Assert.Throws<LinuxException>(() => OpenFileLimit.Set(new OpenFileLimit(2, 1))).Errno);
    }

    [Fact]
    public void A_start_time_tells_processes_apart()
    {
        using ChildProcess child = Shell("exec sleep 1000");
        ulong own = Assert.NotNull(ProcessStat.Of(Environment.ProcessId)).StartTicks;
        ulong childs = Assert.NotNull(ProcessStat.Of(child.Pid)).StartTicks;
        Assert.True(childs >= own && own > 0);
        child.TrySignal(Signal.SIGKILL);
        _ = Await.Exit(child);
        Assert.Null(ProcessStat.Of(child.Pid));
    }

    [Theory]
    [InlineData("7 (a) b (c)) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47 48 49", true, 4711)]
    [InlineData("7 (sh) S 1 2 3", false, 0)]
    [InlineData("", false, 0)]
    public void A_program_name_with_parentheses_does_not_confuse_the_start_time(string stat, bool found, ulong ticks)
    {
        ProcessStat? read = ProcessStat.Parse(System.Text.Encoding.ASCII.GetBytes(stat));
        Assert.Equal(found, read is not null);
        Assert.Equal(ticks, read?.StartTicks ?? 0);
    }

    [Fact]
    public void Descriptors_of_a_careless_launcher_are_made_close_on_exec()
    {
        int leaked = Native.OpenLeaky("/dev/null");
        Assert.Equal(0, Descriptors.TryGetCloseOnExec(leaked));
        Assert.Equal(0, Descriptors.TrySetCloseOnExecFrom(leaked));
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(leaked));
        Assert.Equal(0, Descriptors.TryClose(leaked));
    }

    private ChildProcess Shell(string script, int? output = null, int? input = null) => _spawner.Spawn(new SpawnRequest
    {
        Program = "/bin/sh", Arguments = ["sh", "-c", script], Environment = ["PATH=/usr/bin:/bin"], StandardOutput = output, StandardInput = input,
    });
}
