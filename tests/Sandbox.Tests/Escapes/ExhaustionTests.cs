using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>Programs that take all they can get.</summary>
public sealed class ExhaustionTests
{
    [Fact]
    public async Task A_fork_bomb_comes_to_its_limit_and_ends_with_its_tree()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(Processes: 32) });
        using var bomb = await FillAsync(sandbox);

        Assert.InRange(bomb.Members().Count, 20, 40);
        await bomb.KillTreeAsync().Soon();

        Assert.Empty(bomb.Members());
        Assert.Equal("/tmp/full\n", (await sandbox.ShellAsync("ls /tmp/full")).Output);
    }

    [Fact]
    public async Task A_sandbox_full_of_processes_takes_none_from_another()
    {
        await using var fixture = new EngineFixture();
        var full = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(Processes: 32) });
        var other = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(Processes: 32) });
        using var bomb = await FillAsync(full);

        // Each is still a shell for a moment after it was made. A shell that cannot make one says so and ends.
        var said = await other.ShellAsync("for i in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 >/dev/null 2>&1 & done; until [ \"$(pgrep -cx sleep)\" -ge 10 ]; do sleep 0.05; done; pgrep -cx sleep; pkill -x sleep");

        Assert.Equal(("10\n", ""), (said.Output, said.Errors));
        await bomb.KillTreeAsync().Soon();
    }

    private static async Task<SandboxedProcess> FillAsync(ISandbox sandbox)
    {
        var bomb = await sandbox.StartAsync(
            new SandboxedStart
            {
                Program = "python3", WorkingDirectory = "/", Environment = SandboxRuns.Environment,
                Arguments = ["python3", "-c", "import os\nwhile True:\n  try: os.fork()\n  except OSError: open('/tmp/full', 'w')"],
            },
            CancellationToken.None).Soon();
        await Patience.UntilAsync(() => File.Exists($"/proc/self/fd/{sandbox.Root.Number}/tmp/full"));
        return bomb;
    }

    // Each lives for less than a millisecond and leaves one like itself.
    private const string Fleeing = "open(F, '>/tmp/fled'); for (1..8) { next if fork; while (1) { exit if fork } } sleep 1000";

    [Fact]
    public async Task Processes_that_flee_by_forking_are_killed_all_the_same()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var bomb = await FleeAsync(sandbox);

        await bomb.KillTreeAsync().Soon();

        Assert.Empty(bomb.Members());
        Assert.Equal("/tmp/fled\n", (await sandbox.ShellAsync("ls /tmp/fled")).Output);
    }

    [Fact]
    public async Task Processes_that_flee_by_forking_are_stopped_with_their_sandbox()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var bomb = await FleeAsync(sandbox);

        await sandbox.FreezeAsync();

        var stopped = bomb.Members();
        for (int look = 0; look < 20; look++)
        {
            Assert.Empty(bomb.Members().Except(stopped)); // One of them may have been at its end.
        }

        await sandbox.ThawAsync();
        await Patience.UntilAsync(() => bomb.Members().Except(stopped).Any());
    }

    private static async Task<SandboxedProcess> FleeAsync(ISandbox sandbox)
    {
        var process = await sandbox.StartAsync(
            new SandboxedStart { Program = "perl", WorkingDirectory = "/", Environment = SandboxRuns.Environment, Arguments = ["perl", "-e", Fleeing] }, CancellationToken.None).Soon();
        await Patience.UntilAsync(() => File.Exists($"/proc/self/fd/{sandbox.Root.Number}/tmp/fled"));
        return process;
    }

    [Fact]
    public async Task A_memory_hog_comes_to_its_limit_and_the_sandbox_lives_on()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(MemoryBytes: 128 << 20) });

        var said = await Attack.InsideAsync(sandbox, "print('up', flush=True); hog = bytearray(512 << 20); print('has it')");

        Assert.Equal("up\n", said.Output);
        Assert.True(said.Exit.Signal == Signal.SIGKILL || said.Errors.Contains("MemoryError", StringComparison.Ordinal), said.ToString());
        Assert.Equal(0, (await sandbox.ShellAsync("true")).Exit.Code);
    }

    [Fact]
    public async Task A_limit_that_nothing_enforces_is_refused()
    {
        await using var fixture = new EngineFixture();
        Assert.SkipUnless(fixture.Engine.Groups.Plan.Cpu is null, "this machine can limit processor time");

        var error = await Assert.ThrowsAsync<SandboxException>(() => fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(Cpus: 0.5) }));

        Assert.Contains("Delegate=yes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Descriptors_are_limited()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync(fixture.Plan() with { Limits = new SandboxLimits(OpenFiles: 20) });

        Assert.Equal("20 20\n", (await sandbox.ShellAsync("echo $(ulimit -Sn) $(ulimit -Hn)")).Output);
    }
}
