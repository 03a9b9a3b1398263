using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class TreeTests
{
    // Detached in every way a program has: a session of its own, and a parent that has ended.
    private const string Detached = "setsid sh -c 'setsid sleep 1000 & exit' & exec sleep 1001";

    [Fact]
    public async Task Killing_a_process_kills_whatever_it_started_however_that_detached_itself_and_nothing_else()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var other = await StartAsync(sandbox, ["sleep", "1002"]);
        using var process = await StartAsync(sandbox, Detached);
        await Patience.UntilAsync(() => process.Members().Count == 2);

        await process.KillTreeAsync().Soon();

        Assert.Empty(process.Members());
        Assert.Equal(Signal.SIGKILL, (await process.Exited).Signal);
        Assert.Equal("1\n", (await sandbox.ShellAsync("pgrep -c '^sleep'")).Output);
        Assert.False(other.Exited.IsCompleted);
    }

    [Fact]
    public async Task What_a_process_left_behind_is_killed_after_it_has_ended()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var process = await StartAsync(sandbox, "setsid sleep 1000 & exit 0");
        Assert.Equal(0, (await process.Exited.Soon()).Code);
        Assert.Single(process.Members());

        await process.KillTreeAsync().Soon();

        Assert.Empty(process.Members());
    }

    [Fact]
    public async Task A_tracer_inside_that_keeps_the_end_of_a_process_to_itself_holds_nobody_up()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var process = await StartAsync(sandbox, ["sleep", "1000"]);
        using var tracer = await StartAsync(sandbox, """
            exec python3 -c "import ctypes, os, time
            pid = [int(p) for p in os.listdir('/proc') if p.isdigit() and open(f'/proc/{p}/comm').read() == 'sleep\n'][0]
            assert ctypes.CDLL(None).ptrace(16, pid, None, None) == 0
            open('/tmp/traced', 'w').close()
            time.sleep(1000)"
            """);
        await Patience.UntilAsync(() => File.Exists($"/proc/self/fd/{sandbox.Root.Number}/tmp/traced"));

        await process.KillTreeAsync().Soon();

        Assert.Equal(Signal.SIGKILL, (await process.Exited.Soon()).Signal);
        await sandbox.DisposeAsync().AsTask().Soon();
    }

    [Fact]
    public async Task A_paused_sandbox_does_nothing_until_it_goes_on()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var process = await StartAsync(sandbox, "i=0; while :; do i=$((i+1)); echo $i >/tmp/count; done");
        await Patience.UntilAsync(async () => (await sandbox.ShellAsync("cat /tmp/count")).Output.Length > 0);

        await sandbox.FreezeAsync();

        var refused = await Assert.ThrowsAsync<SandboxException>(() => sandbox.ShellAsync("true"));
        Assert.Equal(SandboxReasons.SessionPaused, refused.Reason);
        await Patience.UntilAsync(() => IsStill(process.Pid));
        ulong before = Ticks(process.Pid);
        Assert.Equal(before, Ticks(process.Pid));

        await sandbox.ThawAsync();

        await Patience.UntilAsync(() => Ticks(process.Pid) > before);
        Assert.Equal(0, (await sandbox.ShellAsync("true")).Exit.Code);
    }

    [Fact]
    public async Task A_paused_sandbox_can_be_ended()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var process = await StartAsync(sandbox, ["sleep", "1000"]);
        await sandbox.FreezeAsync();

        await sandbox.DisposeAsync().AsTask().Soon();

        Assert.Equal(Signal.SIGKILL, (await process.Exited.Soon()).Signal);
    }

    private static Task<SandboxedProcess> StartAsync(ISandbox sandbox, string command) => StartAsync(sandbox, ["sh", "-c", command]);

    // It is the program already when it was started.
    private static Task<SandboxedProcess> StartAsync(ISandbox sandbox, string[] arguments) => sandbox.StartAsync(
        new SandboxedStart { Program = arguments[0], Arguments = arguments, Environment = SandboxRuns.Environment, WorkingDirectory = "/" }, CancellationToken.None).Soon();

    private static ulong Ticks(int pid)
    {
        string[] fields = File.ReadAllText($"/proc/{pid}/stat").Split(") ")[1].Split(' ');
        return ulong.Parse(fields[11]) + ulong.Parse(fields[12]);
    }

    // In a frozen group, or stopped.
    private static bool IsStill(int pid)
    {
        ulong before = Ticks(pid);
        for (int i = 0; i < 1000; i++)
        {
            _ = File.ReadAllText($"/proc/{pid}/stat");
        }

        return Ticks(pid) == before;
    }
}
