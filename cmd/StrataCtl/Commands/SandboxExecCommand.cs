using System.CommandLine;
using System.CommandLine.Parsing;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox exec</c> and <c>sandbox run</c>.</summary>
internal static class SandboxExecCommand
{
    private static readonly TimeSpan DefaultTime = TimeSpan.FromMinutes(2);
    private const int LeftSeconds = 60;
    private static readonly TimeSpan MakingTime = TimeSpan.FromMinutes(2);

    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var (words, time, directory, variables, input) = (Words(), Time(), Directory(), SandboxArguments.Pairs("--env", "Variable for this command; again for more", "NAME=VALUE"), Input());
        var stateless = new Option<bool>("--stateless") { Description = "In a shell of its own, beside other commands" };
        return cli.Command(
            "exec", "Runs a command in a session and ends with its exit code: one word for the session's shell, several, or what stands behind --, for a program and its arguments.",
            [name, words, stateless, time, directory, variables, input],
            ["strata-ctl sandbox exec work 'cd /tmp && ls | wc -l'", "strata-ctl sandbox exec work -- python3 -c 'print(6*7)'", "strata-ctl sandbox exec work --stdin sort < names"],
            (session, parsed, cancellation) => SandboxRunning.ExecAsync(
                session,
                Wish(parsed.GetRequiredValue(name), Given(parsed, words), parsed.GetValue(time), parsed.GetValue(directory), SandboxArguments.ReadPairs("--env", parsed.GetValue(variables)))
                    with { Stateless = parsed.GetValue(stateless) },
                parsed.GetValue(input),
                cancellation));
    }

    public static Command CreateRun(Cli cli)
    {
        var image = new Argument<string>("IMAGE") { Description = "Image it starts from; host is this machine's /usr", HelpName = "IMAGE" };
        var (words, time, input) = (Words(), Time(), Input());
        return cli.Command(
            "run", "Makes a session, runs a command in it, closes it, and ends with the command's exit code.", [image, words, time, input],
            ["strata-ctl sandbox run host -- sh -c 'id; ls /'", "strata-ctl sandbox run host --stdin -- sh < script.sh"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(image), Given(parsed, words), parsed.GetValue(time), parsed.GetValue(input), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string image, Spoken words, TimeSpan? time, bool hasInput, CancellationToken cancellation)
    {
        // Named here, so that it is closed also when making it is interrupted; if nobody is left to close it, it soon expires.
        var name = "run-" + Guid.NewGuid().ToString("N");
        var making = Call.Of("sandbox.create", new SandboxCreateParams(name, image, TtlSeconds: LeftSeconds), WireJson.Default.SandboxCreateParams) with { WithToken = true, ExtraTime = MakingTime };
        var mayBe = true;
        try
        {
            await session.Node.CallAsync(making, WireJson.Default.SandboxCreateResult, cancellation).ConfigureAwait(false);
            return await SandboxRunning.ExecAsync(session, Wish(name, words, time, null, null) with { Stateless = true }, hasInput, cancellation).ConfigureAwait(false);
        }
        catch (CallFailedException e) when (e.Failure is { Method: "sandbox.create", Answered: true })
        {
            mayBe = false;
            throw;
        }
        finally
        {
            if (mayBe)
            {
                await CloseAsync(session, name).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Ends it; what hinders that does not hide how the command ended.</summary>
    private static async Task CloseAsync(Session session, string name)
    {
        try
        {
            await session.Node.CallAsync(SandboxArguments.CallOf("close", name) with { ExtraTime = MakingTime }, WireJson.Default.StatusResult, CancellationToken.None).ConfigureAwait(false);
        }
        catch (CallFailedException e)
        {
            if (e.Failure.Error.Reason != "session_not_found")
            {
                session.Notice($"the session {name} is not closed, and soon expires: {e.Failure.Error.Message}");
            }
        }
    }

    private static SandboxExecParams Wish(string name, Spoken spoken, TimeSpan? time, string? directory, IReadOnlyDictionary<string, string>? variables) => new(
        name, spoken.Command, spoken.Program, Cwd: directory, Env: variables,
        TimeoutMs: (int)Math.Clamp((time ?? DefaultTime).TotalMilliseconds, 1, 3_600_000));

    /// <summary>One word is for a shell, unless it stands behind two dashes; several are a program and its arguments.</summary>
    public static Spoken Given(ParseResult parsed, Argument<string[]> argument)
    {
        var words = parsed.GetRequiredValue(argument);
        return words.Length > 1 || parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash) ? new Spoken(null, words) : new Spoken(words[0], null);
    }

    internal readonly record struct Spoken(string? Command, string[]? Program);

    public static Argument<string[]> Words() => new("CMD") { Description = "A command for a shell, in one word; or a program and its arguments, best behind --", HelpName = "CMD", Arity = ArgumentArity.OneOrMore };

    private static Option<TimeSpan?> Time() => GlobalOptions.Duration("--time", "How long it may run [default: 2m]");

    private static Option<string?> Directory() => new("--cwd") { Description = "Directory it runs in", HelpName = "DIR" };

    private static Option<bool> Input() => new("--stdin", "-i") { Description = "Give it what standard input has" };
}
