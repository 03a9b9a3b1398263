namespace Strata.Linux.Tests.Processes;

[Collection(nameof(ProcessWideState))]
public sealed class SpawnTests : IDisposable
{
    private readonly SpawnThread _spawner = new();
    private readonly TempDirectory _temp = new();

    public void Dispose()
    {
        _spawner.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void A_child_sees_its_own_descriptors_and_no_other_even_when_one_leaks()
    {
        using var listener = UnixListener.Bind(_temp["a.sock"], 0x180);
        int leaked = Native.OpenLeaky("/dev/null");
        Assert.Equal(0, Descriptors.TryGetCloseOnExec(leaked));
        string seen = Run(Shell("ls /proc/self/fd; readlink /proc/self/fd/3") with { ExtraDescriptors = [listener.Handle.Number] });
        _ = Descriptors.TryClose(leaked);
        string[] lines = seen.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        // 4 is the directory that ls itself reads.
        Assert.Equal(["0", "1", "2", "3", "4"], lines[..5]);
        Assert.StartsWith("socket:", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void Descriptors_are_mapped_right_when_sources_and_targets_overlap()
    {
        using var pipe = Pipe.Create();
        string[] own = [.. new[] { 3, 4 }.Select(n => new FileInfo($"/proc/self/fd/{n}").LinkTarget!)];
        Assert.All(own, Assert.NotNull);
        string seen = Run(Shell("readlink /proc/self/fd/3; readlink /proc/self/fd/4") with { ExtraDescriptors = [4, 3] });
        Assert.Equal($"{own[1]}\n{own[0]}\n", seen);
    }

    [Fact]
    public void Standard_descriptors_default_to_dev_null()
    {
        string seen = Run(Shell("readlink /proc/self/fd/0; readlink /proc/self/fd/2"));
        Assert.Equal("/dev/null\n/dev/null\n", seen);
    }

    [Fact]
    public void The_environment_and_the_arguments_are_exactly_those_given()
    {
        var request = new SpawnRequest { Program = "/usr/bin/env", Arguments = ["env"], Environment = ["A=1", "B=ü x"] };
        Assert.Equal("A=1\nB=ü x\n", Run(request));
        Assert.Equal("<a b><><$HOME>", Run(Shell("printf '<%s>' \"$@\"") with { Arguments = ["sh", "-c", "printf '<%s>' \"$@\"", "x", "a b", "", "$HOME"] }));
    }

    [Fact]
    public void The_child_starts_in_the_directory_given()
    {
        string seen = Run(Shell("pwd -P") with { WorkingDirectory = "/proc" });
        Assert.Equal("/proc\n", seen);
    }

    [Fact]
    public void No_signal_is_blocked_or_ignored_in_the_child()
    {
        string[] lines = Run(Shell("grep -E '^Sig(Blk|Ign):' /proc/self/status")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(2, lines.Length);
        // The C library ignores its two internal signals, 32 and 33, in whatever it spawns.
        const ulong internals = 3ul << 31;
        Assert.All(lines, line => Assert.Equal(0ul, Convert.ToUInt64(line[(line.IndexOf('\t', StringComparison.Ordinal) + 1)..], 16) & ~internals));
    }

    [Fact]
    public void A_child_leads_its_own_session_unless_told_otherwise()
    {
        const string show = "cut -d' ' -f1,5,6 /proc/$$/stat";
        string[] ids = Run(Shell(show)).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([ids[0], ids[0]], ids[1..]);
        string[] shared = Run(Shell(show) with { NewSession = false }).Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.NotEqual(shared[0], shared[2]);
    }

    [Fact]
    public void A_program_that_cannot_run_is_an_error_of_the_spawn()
    {
        File.WriteAllText(_temp["plain"], "text");
        var missing = Assert.Throws<LinuxException>(() => _spawner.Spawn(Program(_temp["none"])));
        Assert.Equal((Errno.ENOENT, "execve"), (missing.Errno, missing.Syscall));
        Assert.Contains("none", missing.Message, StringComparison.Ordinal);
        Assert.Equal(Errno.EACCES, Assert.Throws<LinuxException>(() => _spawner.Spawn(Program(_temp["plain"]))).Errno);
        Assert.Equal(Errno.EBADF, Assert.Throws<LinuxException>(() => _spawner.Spawn(Program("/bin/true") with { StandardInput = 999_999 })).Errno);
    }

    [Fact]
    public void Malformed_requests_are_refused()
    {
        Assert.Throws<ArgumentException>(() => _spawner.Spawn(Program("/bin/true") with { Arguments = [] }));
        Assert.Throws<ArgumentException>(() => _spawner.Spawn(Program("/bin/true") with { Environment = ["A"] }));
        Assert.Throws<ArgumentException>(() => _spawner.Spawn(Program("/bin/true") with { Environment = ["A=1", "A=2"] }));
        Assert.Throws<ArgumentException>(() => _spawner.Spawn(Program("/bin/true") with { Environment = ["A=\0"] }));
        int[] many = [.. Enumerable.Repeat(0, SpawnRequest.MaxExtraDescriptors + 1)];
        Assert.Throws<ArgumentException>(() => _spawner.Spawn(Program("/bin/true") with { ExtraDescriptors = many }));
        using ChildProcess child = _spawner.Spawn(Program("/bin/true") with { ExtraDescriptors = many[1..] });
        Assert.Equal(0, Await.Exit(child).Code);
    }

    [Fact]
    public async Task The_queue_takes_its_maximum_and_refuses_one_more()
    {
        using var started = new ManualResetEventSlim();
        using var release = new ManualResetEventSlim();
        Task blocker = _spawner.Run(() =>
        {
            started.Set();
            release.Wait();
        });
        started.Wait();
        Task[] waiting = [.. Enumerable.Range(0, SpawnThread.MaxPending).Select(_ => _spawner.Run(() => { }))];
        Assert.Throws<InvalidOperationException>(() => { _ = _spawner.Run(() => { }); });
        release.Set();
        await blocker;
        await Task.WhenAll(waiting);
    }

    [Fact]
    public async Task Confinement_of_the_spawning_thread_reaches_children_and_nobody_else()
    {
        await _spawner.Run(ProcessControl.ForbidNewPrivileges);
        Assert.Equal("NoNewPrivs:\t1\n", Run(Shell("grep NoNewPrivs /proc/self/status")));
        using var other = new SpawnThread();
        using var pipe = Pipe.Create();
        using ChildProcess child = other.Spawn(Shell("grep NoNewPrivs /proc/self/status") with { StandardOutput = pipe.Writer.Number });
        pipe.Writer.Dispose();
        string[] own = File.ReadAllLines("/proc/self/status");
        Assert.Equal(own.Single(l => l.StartsWith("NoNewPrivs", StringComparison.Ordinal)) + "\n", Await.Text(pipe.Reader));
        _ = Await.Exit(child);
    }

    private static SpawnRequest Program(string path) => new() { Program = path, Arguments = [path], Environment = [] };

    private static SpawnRequest Shell(string script) =>
        new() { Program = "/bin/sh", Arguments = ["sh", "-c", script], Environment = ["PATH=/usr/bin:/bin", "LC_ALL=C"] };

    private string Run(SpawnRequest request)
    {
        using var pipe = Pipe.Create();
        using ChildProcess child = _spawner.Spawn(request with { StandardOutput = pipe.Writer.Number });
        pipe.Writer.Dispose();
        string text = Await.Text(pipe.Reader);
        Assert.Equal(new ProcessExit(0, null, false), Await.Exit(child));
        return text;
    }
}
