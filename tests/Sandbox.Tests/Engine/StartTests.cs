using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class StartTests
{
    [Fact]
    public async Task A_program_runs_inside_as_the_sandboxs_user_without_any_privilege()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();

        var said = await sandbox.ShellAsync("id -u; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr '\\n\\t' '  '");

        const string none = "0000000000000000";
        Assert.Equal($"1000\nCapInh: {none} CapPrm: {none} CapEff: {none} CapBnd: {none} CapAmb: {none} NoNewPrivs: 1 Seccomp: 2 ", said.Output);
    }

    [Fact]
    public async Task Only_the_descriptors_that_were_given_are_open_inside()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();

        var said = await sandbox.ShellAsync("echo /proc/self/fd/*");

        Assert.Equal("/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n", said.Output); // 3 is the list itself.
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_an_error_of_the_start()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();

        var error = await Assert.ThrowsAsync<LinuxException>(() => sandbox.RunAsync(null, "no-such-program"));

        Assert.Equal(("ENOENT", "execve"), (error.Name, error.Syscall));
    }

    [Fact]
    public async Task Nothing_runs_in_a_sandbox_that_was_disposed()
    {
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();
        using var process = await sandbox.StartAsync(new SandboxedStart { Program = "sleep", Arguments = ["sleep", "1000"], Environment = SandboxRuns.Environment }, CancellationToken.None).Soon();

        await sandbox.DisposeAsync();

        Assert.Equal(Signal.SIGKILL, (await process.Exited.Soon()).Signal);
        Assert.True(sandbox.Ended.IsCompleted);
        _ = await Assert.ThrowsAsync<SandboxException>(() => sandbox.ShellAsync("true"));
    }
}
