using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Exec.Tests;

/// <summary>Programs that do what they should not: every call ends, in time, with an error, and nothing of them is left.</summary>
public sealed class ProgramRunTests : IDisposable
{
    private readonly SpawnThread _spawning = new();

    public ProgramRunTests() => ProcessControl.BecomeChildSubreaper();

    [Fact]
    public void A_program_gets_params_on_its_input_and_answers_on_its_output()
    {
        Assert.Equal("""{"name":"Ada"}""", Answer("cat", """{"name":"Ada"}""").Value.GetRawText());
        Assert.Equal("{}", Answer("true").Value.GetRawText());
    }

    [Theory]
    [InlineData("$(touch /tmp/strata-pwned)")]
    [InlineData("`touch /tmp/strata-pwned`; touch /tmp/strata-pwned # '\" \\ \n | & > /tmp/strata-pwned")]
    [InlineData("'; touch /tmp/strata-pwned; '")]
    [InlineData("-rf --help () { :;}; touch /tmp/strata-pwned")]
    public void Metacharacters_in_params_are_only_text(string attack)
    {
        var method = Declared.Shell("""printf '%s' "$PARAM_NAME" """, """ "output": "text", "params": { "type": "object", "properties": { "name": { "type": "string" } } } """);
        var reply = Answer(method, JsonSerializer.Serialize(new Dictionary<string, string> { ["name"] = attack }));
        Assert.Equal(attack, reply.Value.GetProperty("text").GetString());
        Assert.False(File.Exists("/tmp/strata-pwned"));
    }

    [Fact]
    public void A_param_cannot_hide_a_NUL_or_set_another_variable()
    {
        var method = Declared.Shell("true", """ "params": { "type": "object", "properties": { "a": { "type": "string" }, "b": { "type": "integer" }, "c": { "type": "object" } } } """);
        ParamsEnvironment.Of(method, JsonElement.Parse("""{ "a": "x\u0000PATH=/evil" }"""), "", out var fault);
        Assert.Equal(ErrorCode.InvalidArgument, fault?.Code);
        var variables = ParamsEnvironment.Of(method, JsonElement.Parse("""{ "a": "x\nPATH=/evil", "b": 3, "c": { "d": 1 } }"""), "ada", out fault);
        Assert.Null(fault);
        Assert.Equal(["CALL_METHOD=box.act", "CALL_SUBJECT=ada", "PARAM_A=x\nPATH=/evil", "PARAM_B=3"], variables);
        var long_ = JsonElement.Parse($$"""{ "a": "{{new string('x', ExecLimits.MaxVariableBytes + 1)}}" }""");
        Assert.Equal(2, ParamsEnvironment.Of(method, long_, "", out _).Count);
    }

    [Fact]
    public void The_environment_holds_nothing_that_speaks_for_the_service()
    {
        var inherited = ParamsEnvironment.Inherited(new Dictionary<string, string>
        {
            ["PATH"] = "/bin", ["NOTIFY_SOCKET"] = "/n", ["LISTEN_FDS"] = "1", ["STRATA_SUPERVISOR_PID"] = "1", ["PARAM_PATH"] = "/old", ["STRATA_RUNTIME_DIR"] = "/r",
        });
        Assert.Equal(["PATH=/bin", "STRATA_RUNTIME_DIR=/r"], inherited.Order());
    }

    [Fact]
    public async Task A_program_that_hangs_is_killed_when_its_time_is_up_with_what_it_started()
    {
        var clock = Stopwatch.StartNew();
        var outcome = Run(Declared.Shell("sleep 1000 & sleep 1000", """ "timeout": "200ms" """));
        Assert.Equal((RunEnd.TimedOut, Signal.SIGKILL), (outcome.End, outcome.Exit?.Signal));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        await NothingRunsAsync();
    }

    [Fact]
    public void A_program_that_ignores_signals_is_killed_all_the_same()
    {
        var reply = Answer(Declared.Shell("trap '' TERM INT HUP; while :; do :; done", """ "timeout": "100ms" """));
        Assert.Equal((ErrorCode.Unavailable, "program_timeout"), (reply.Error!.Code, reply.Error.Reason));
    }

    [Fact]
    public void A_flood_ends_the_run_at_the_bound()
    {
        Assert.Equal(RunEnd.TooMuchOutput, Run(Declared.Shell("yes")).End);
        Assert.Equal(ErrorCode.Internal, Answer("yes").Error?.Code);
        var errors = Run(Declared.Shell("head -c 1000000 /dev/zero >&2"));
        Assert.Equal((RunEnd.Exited, ExecLimits.MaxErrorBytes, 1_000_000L - ExecLimits.MaxErrorBytes), (errors.End, errors.Errors.Length, errors.ErrorsLost));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Output_fits_up_to_the_last_byte(int over, bool fits)
    {
        var outcome = Run(Declared.Shell($"head -c {ExecLimits.MaxOutputBytes + over} /dev/zero"));
        Assert.Equal(fits, outcome.End == RunEnd.Exited);
    }

    [Fact]
    public async Task A_daemon_that_keeps_the_pipe_does_not_keep_the_call()
    {
        var clock = Stopwatch.StartNew();
        var reply = Answer("setsid sh -c 'trap \"\" HUP; exec sleep 1000' & echo '{\"done\":true}'");
        Assert.True(reply.Value.GetProperty("done").GetBoolean());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"took {clock.Elapsed}");
        Leftovers.Clear();
        await NothingRunsAsync();
    }

    [Fact]
    public void A_program_that_dies_by_a_signal_is_an_internal_error_that_says_so()
    {
        Assert.Equal("the program of box.act was ended by signal SIGSEGV; the service's log has what it said", Answer("kill -SEGV $$").Error?.Message);
    }

    [Theory]
    [InlineData("echo hello", "json")]
    [InlineData("echo '[1]'", "json")]
    [InlineData("echo '{}{}'", "json")]
    [InlineData("""echo '{"a":1,"a":2}'""", "json")]
    [InlineData("""printf '{"a":"\377"}'""", "json")]
    [InlineData("""printf '\377\376'""", "text")]
    public void Garbage_is_an_internal_error(string script, string output)
    {
        var reply = Answer(Declared.Shell(script, $""" "output": "{output}" """));
        Assert.Equal(ErrorCode.Internal, reply.Error?.Code);
        Assert.StartsWith("the program of box.act did not print ", reply.Error!.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64, ErrorCode.InvalidArgument)]
    [InlineData(65, ErrorCode.InvalidArgument)]
    [InlineData(66, ErrorCode.NotFound)]
    [InlineData(69, ErrorCode.Unavailable)]
    [InlineData(73, ErrorCode.Conflict)]
    [InlineData(75, ErrorCode.Unavailable)]
    [InlineData(77, ErrorCode.PermissionDenied)]
    public void Exit_codes_of_sysexits_become_errors_with_the_programs_words(int code, ErrorCode expected)
    {
        var error = Answer($"echo debugging >&2; printf 'the \\033[31mreason\\n' >&2; exit {code}").Error!;
        Assert.Equal((expected, "the [31mreason"), (error.Code, error.Message));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(127)]
    public void What_a_failed_program_says_is_not_told_to_its_caller(int code)
    {
        var error = Answer($"echo the secret is 42 >&2; exit {code}").Error!;
        Assert.Equal((ErrorCode.Internal, $"the program of box.act ended with exit code {code}; the service's log has what it said"), (error.Code, error.Message));
    }

    [Fact]
    public void A_program_that_is_gone_cannot_be_started()
    {
        var method = Declared.Shell("true") with { Program = "/no/such/program" };
        Assert.Throws<LinuxException>(() => Run(method));
    }

    [Fact]
    public void A_program_that_does_not_read_its_input_answers_all_the_same()
    {
        var large = JsonSerializer.Serialize(new Dictionary<string, string> { ["a"] = new string('x', 1_000_000) });
        Assert.Equal("{}", Answer(Declared.Shell("true"), large).Value.GetRawText());
        Assert.Equal("{}", Answer(Declared.Shell("exec <&-; sleep 0.1"), large).Value.GetRawText());
        Assert.Equal("1000008\n", Answer(Declared.Shell("wc -c", """ "output": "text" """), large).Value.GetProperty("text").GetString());
    }

    [Fact]
    public async Task A_caller_who_leaves_takes_the_program_along()
    {
        using var leaving = new CancellationTokenSource();
        using var directory = new TempDirectory();
        var mark = Path.Combine(directory.Path, "started");
        var run = Task.Run(() => Run(Declared.Shell($"touch {mark}; sleep 1000"), "{}", leaving.Token));
        await Patience.UntilAsync(() => File.Exists(mark));
        await leaving.CancelAsync();
        Assert.Equal(RunEnd.Cancelled, (await run.WaitAsync(TimeSpan.FromSeconds(10))).End);
    }

    [Fact]
    public async Task The_line_for_a_place_is_bounded_and_the_last_one_out_clears_up()
    {
        var cleared = 0;
        using var gate = new RunGate(1, () => cleared++);
        Assert.True(await gate.TryEnterAsync(default));
        using var leaving = new CancellationTokenSource();
        var line = Enumerable.Range(0, ExecLimits.MaxWaiting).Select(_ => gate.TryEnterAsync(leaving.Token).AsTask()).ToList();
        Assert.False(await gate.TryEnterAsync(default));
        gate.Leave();
        Assert.True(await await Task.WhenAny(line));
        Assert.Equal(1, cleared);
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(line));
        gate.Leave();
        Assert.True(await gate.TryEnterAsync(default));
    }

    public void Dispose()
    {
        _spawning.Dispose();
        Leftovers.Clear();
    }

    /// <summary>The dead count for nothing: they are reaped with the next clearing.</summary>
    private static Task NothingRunsAsync() => Patience.UntilAsync(() => Directory.EnumerateDirectories("/proc/self/task")
        .SelectMany(t => File.ReadAllText(Path.Combine(t, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .All(pid => File.ReadAllText($"/proc/{pid}/stat").Split(") ")[^1][0] == 'Z'));

    private Reply<JsonElement> Answer(string script, string parameters = "{}") => Answer(Declared.Shell(script), parameters);

    private Reply<JsonElement> Answer(DeclaredMethod method, string parameters = "{}") => ExitAnswer.Of(method, Run(method, parameters));

    private RunOutcome Run(DeclaredMethod method, string parameters = "{}", CancellationToken cancellation = default)
    {
        var variables = ParamsEnvironment.Of(method, JsonElement.Parse(parameters), "tester", out _);
        var request = new SpawnRequest { Program = method.Program, Arguments = [method.Program, .. method.Arguments], Environment = ["PATH=/usr/bin:/bin", .. variables] };
        return ProgramRun.Run(_spawning, request, Encoding.UTF8.GetBytes(parameters), method.Timeout, TimeProvider.System, cancellation);
    }
}
