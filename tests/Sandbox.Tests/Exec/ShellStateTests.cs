using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>What lasts in a session's shell, and what it survives. Every weakness of shells behind markers in one terminal is here.</summary>
public sealed class ShellStateTests : SessionTests
{
    [Fact]
    public async Task Directory_variables_functions_aliases_and_jobs_last()
    {
        await Says("cd /tmp; export A=1; B=2; f() { echo \"f $1\"; }; alias ll='echo listed'; sleep 1000 &", "");
        var ran = await Says("echo $A $B; f x; ll; pwd; jobs | wc -l", "1 2\nf x\nlisted\n/tmp\n1\n");
        Assert.Equal("/tmp", ran.End.Cwd);
        Assert.False(ran.End.ShellRestarted);
    }

    [Fact]
    public async Task Outputs_are_apart_and_exact()
    {
        var ran = await Run("printf '\\0\\377out'; printf '\\r\\nerr\\0' >&2; exit_with() { return $1; }; exit_with 7");
        Assert.Equal(new byte[] { 0, 0xff, (byte)'o', (byte)'u', (byte)'t' }, ran.Bytes);
        Assert.Equal("\r\nerr\0", ran.Errors);
        Assert.Equal((7, 5L, 6L, false), (ran.End.ExitCode, ran.End.StdoutBytes, ran.End.StderrBytes, ran.End.Truncated));
    }

    [Theory]
    [InlineData("echo \"never closed", 2)]
    [InlineData("if true; then", 2)]
    [InlineData("cat <<END\nno end", 0)]
    [InlineData("echo $((", 2)]
    [InlineData("${x:?gone}", 1)]
    [InlineData("exec 9>&- 8<&- 2>&-; true", 0)]
    [InlineData("exec 0<&- 1>&-; true", 0)]
    [InlineData("kill -INT $$", 130)]
    [InlineData("trap '' INT TERM HUP; true", 0)]
    [InlineData("PROMPT_COMMAND='echo prompted'; readonly PROMPT_COMMAND; PS1='> '; true", 0)]
    [InlineData("cd() { return 9; }; printf() { return 9; }; declare() { :; }; echo() { :; }; .() { :; }; unset -f echo; true", 0)]
    [InlineData("alias printf=false declare=false exit=true; true", 0)]
    [InlineData("trap 'echo debugged' DEBUG; true", 0)]
    [InlineData("readonly PWD; IFS=0123456789; set -u; set -o posix; set +o posix; true", 0)]
    [InlineData("mkdir /tmp/gone; cd /tmp/gone; rmdir /tmp/gone; true", 0)]
    [InlineData("echo one\necho two\n\n# three\n", 0)]
    [InlineData("stty -echo; tput clear; true", 0)]
    public async Task A_session_goes_on_after(string command, int status)
    {
        await Run("V=kept");
        Assert.Equal(status, (await Run(command)).End.ExitCode);
        var after = await Run("builtin echo $V; builtin echo $V >&2");
        Assert.Contains("kept\n", after.Output, StringComparison.Ordinal);
        Assert.Contains("kept\n", after.Errors, StringComparison.Ordinal);
        Assert.False(after.End.ShellRestarted);
    }

    [Theory]
    [InlineData("exit 5", 5)]
    [InlineData("set -e; false; echo no", 1)]
    [InlineData("exec sh -c 'exit 6'", 6)]
    [InlineData("kill -9 $$", null)]
    public async Task A_shell_that_ended_is_followed_by_one_with_its_directory_and_exported_variables(string command, int? status)
    {
        await Run("export KEPT=$'a\\nb\\'c'; cd /usr; LOST=1");
        var ended = await Run(command);
        Assert.Equal(status, ended.End.ExitCode);
        Assert.Equal(status is null ? "SIGKILL" : null, ended.End.Signal);
        Assert.True(ended.End.ShellRestarted);
        var after = await Says("echo \"$KEPT:$LOST\"; pwd", "a\nb'c:\n/usr\n");
        Assert.Equal("/usr", after.End.Cwd);
    }

    [Theory]
    [InlineData("exec 10>&-")]
    [InlineData("ulimit -n 5")]
    public async Task A_shell_without_descriptors_is_followed_by_another(string command)
    {
        await Run("export KEPT=1");
        var last = await Run(command);
        // The shell may be gone before it has told how the command went, or find out afterwards.
        Assert.True((await Says("echo $KEPT", "1\n")).End.ShellRestarted || last.End.ShellRestarted);
        await Says("echo $KEPT", "1\n");
    }

    [Fact]
    public async Task Who_exits_takes_along_what_was_exported_in_the_same_command()
    {
        await Run("export NEW=1; cd /usr/bin; exit");
        await Says("echo $NEW $PWD", "1 /usr/bin\n");
    }

    [Theory]
    [InlineData("while :; do :; done", false)]
    [InlineData("sleep 1000", false)]
    [InlineData("sleep 1000 | sleep 1000", false)]
    [InlineData("sh -c 'trap \"\" INT TERM; while :; do sleep 1; done'", false)]
    [InlineData("setsid sh -c 'trap \"\" INT; sleep 1000' | cat", false)]
    [InlineData("cat /dev/zero", false)]
    [InlineData("read line < <(sleep 1000)", false)]
    [InlineData("trap '' INT; while :; do :; done", true)]
    public async Task Time_that_runs_out_ends_all_of_the_command_and_none_before_it(string command, bool restarts)
    {
        await Run("export A=1; cd /tmp; sleep 7777 & echo $! > job");
        var ran = await Run(command, ""","timeout_ms":300""");
        Assert.True(ran.End.TimedOut);
        Assert.Equal(restarts, ran.End.ShellRestarted);
        var left = await Run("echo $A $PWD; grep -lz 1000 /proc/[0-9]*/cmdline");
        Assert.Equal("1 /tmp\n", left.Output);
        Assert.Equal(restarts ? "dead\n" : "alive\n", (await Run("kill -0 $(cat job) 2>/dev/null && echo alive || echo dead")).Output);
    }

    // Each process lives for less than a millisecond, and leaves one like itself in a session of its own.
    [Theory]
    [InlineData("sleep 1000", "")]
    [InlineData("exit", "; sleep 1000")]
    public async Task Processes_of_a_command_that_flee_by_forking_end_with_its_time(string atLast, string next)
    {
        await Run("sleep 7777 & echo $! > /tmp/job");
        var ran = await Run($"env -i perl -e 'use POSIX; for (1..4) {{ next if fork; while (1) {{ POSIX::setsid(); exit if fork }} }} {atLast}'{next}", ""","timeout_ms":300""");
        Assert.True(ran.End.TimedOut);
        Assert.Equal("", (await Run("pgrep -x perl")).Output);
        Assert.Equal("alive\n", (await Run("kill -0 $(cat /tmp/job) 2>/dev/null && echo alive || echo dead")).Output);
    }

    [Fact]
    public async Task A_job_that_holds_the_output_holds_up_nobody()
    {
        Assert.Equal("now\n", (await Run("(while [ ! -e /tmp/go ]; do sleep 0.05; done; echo late; echo done > /tmp/done) & echo now")).Output);
        await Says("touch /tmp/go; until [ -e /tmp/done ]; do sleep 0.05; done; cat /tmp/done", "done\n");
    }

    [Fact]
    public async Task Commands_stand_in_line_and_those_of_their_own_do_not()
    {
        var first = Run("until [ -e /tmp/two ]; do sleep 0.05; done; echo one");
        var second = Run("echo second");
        Assert.Equal("beside\n", (await Run("touch /tmp/two; echo beside", ""","stateless":true""")).Output);
        Assert.Equal("one\n", (await first).Output);
        Assert.Equal("second\n", (await second).Output);
    }

    [Fact]
    public async Task A_command_has_its_own_variables_input_and_directory()
    {
        Assert.Equal("v'1\nline\n", (await Run("echo \"$A\"; cat", $",\"env\":{{\"A\":\"v'1\"}},\"stdin_b64\":\"{ExecClient.Base64("line\n")}\"")).Output);
        await Says("echo \"[$A]\"; cat", "[]\n");
        Assert.Equal("/usr/lib", (await Run("pwd", ",\"cwd\":\"/usr/lib\"")).End.Cwd);
        Assert.Equal(1, (await Run("pwd", ",\"cwd\":\"/nowhere\"")).End.ExitCode);
    }

    [Fact]
    public async Task Much_output_is_counted_cut_and_costs_no_state()
    {
        var ran = await Run("head -c 30000000 /dev/zero; echo end >&2; X=1");
        Assert.Equal((true, 30_000_000L, ExecLimits.MaxAnswerBytes), (ran.End.Truncated, ran.End.StdoutBytes, ran.Bytes.Length + ran.ErrorBytes.Length));
        var streamed = await Client.StreamedAsync("head -c 30000000 /dev/zero; echo $X >&2");
        Assert.Equal((false, 30_000_000, "1\n"), (streamed.End.Truncated, streamed.Bytes.Length, streamed.Errors));
        var some = await Client.StreamedAsync("head -c 3000000 /dev/zero", ""","max_output_bytes":1000000""");
        Assert.Equal((true, 3_000_000L, 1_000_000), (some.End.Truncated, some.End.StdoutBytes, some.Bytes.Length));
    }

    [Fact]
    public async Task A_command_may_be_as_long_as_its_bound()
    {
        var command = "echo " + new string('a', ExecLimits.MaxCommandBytes - 5);
        Assert.Equal(ExecLimits.MaxCommandBytes - 5 + 1, (await Run(command)).End.StdoutBytes);
        await Client.ErrorAsync("exec", ExecClient.Params(command + "a"), ErrorCode.InvalidArgument, null);
    }

    [Fact]
    public async Task Who_leaves_ends_its_command_and_the_session_goes_on()
    {
        using var leaves = new CancellationTokenSource();
        var ran = Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client.StreamedAsync("echo begun; touch /tmp/begun; sleep 1000; touch /tmp/after", cancellation: leaves.Token));
        await Patience.UntilAsync(async () => (await Run("ls /tmp", ""","stateless":true""")).Output.Contains("begun", StringComparison.Ordinal));
        await leaves.CancelAsync();
        await ran.Soon();
        await Says("ls /tmp; grep -lz 1000 /proc/[0-9]*/cmdline", "begun\n");
    }

    private Task<Ran> Run(string command, string further = "") => Client.RunAsync(command, further);

    private async Task<Ran> Says(string command, string output)
    {
        var ran = await Run(command);
        Assert.Equal(output, ran.Output);
        return ran;
    }
}
