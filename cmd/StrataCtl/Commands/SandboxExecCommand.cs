using System.CommandLine;
using System.CommandLine.Parsing;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox exec</c>.</summary>
internal static class SandboxExecCommand
{
    private static readonly TimeSpan DefaultTime = TimeSpan.FromMinutes(2);

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
                Wish(parsed.GetRequiredValue(name), Given(parsed, words), TimeOf(parsed, time, cli), parsed.GetValue(directory), SandboxArguments.ReadPairs("--env", parsed.GetValue(variables)))
                    with { Stateless = parsed.GetValue(stateless) },
                parsed.GetValue(input),
                cancellation));
    }

    public static SandboxExecParams Wish(string name, Spoken spoken, TimeSpan? time, string? directory, IReadOnlyDictionary<string, string>? variables) => new(
        name, spoken.Command, spoken.Program, Cwd: directory, Env: variables,
        TimeoutMs: (int)Math.Clamp((time ?? DefaultTime).TotalMilliseconds, 1, 3_600_000));

    /// <summary>One word is for a shell, unless it stands behind two dashes; several are a program and its arguments.</summary>
    public static Spoken Given(ParseResult parsed, Argument<string[]> argument)
    {
        var words = parsed.GetRequiredValue(argument);
        return words.Length == 0 ? default
            : words.Length > 1 || parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash) ? new Spoken(null, words) : new Spoken(words[0], null);
    }

    internal readonly record struct Spoken(string? Command, string[]? Program)
    {
        /// <summary>Whether nothing was said.</summary>
        public bool IsNone => Command is null && Program is null;
    }

    public static Argument<string[]> Words() => new("CMD") { Description = "A command for a shell, in one word; or a program and its arguments, best behind --", HelpName = "CMD", Arity = ArgumentArity.OneOrMore };

    public static Option<TimeSpan?> Time() => GlobalOptions.Duration("--time", "How long it may run [default: what --timeout says, or 2m]");

    /// <summary>Whoever bounds the call means the command.</summary>
    public static TimeSpan? TimeOf(ParseResult parsed, Option<TimeSpan?> time, Cli cli) => parsed.GetValue(time) ?? parsed.GetValue(cli.Globals.Timeout);

    public static Option<string?> Directory() => new("--cwd") { Description = "Directory it runs in", HelpName = "DIR" };

    public static Option<bool> Input() => new("--stdin", "-i") { Description = "Give it what standard input has" };
}
