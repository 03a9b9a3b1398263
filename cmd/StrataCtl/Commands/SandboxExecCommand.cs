using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox exec</c> and <c>sandbox run</c>.</summary>
internal static class SandboxExecCommand
{
    private static readonly TimeSpan DefaultTime = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan MakingTime = TimeSpan.FromMinutes(2);

    public static Command Create(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var (words, time, directory, variables, input) = (Words(), Time(), Directory(), SandboxArguments.Pairs("--env", "Variable for this command; again for more", "NAME=VALUE"), Input());
        var stateless = new Option<bool>("--stateless") { Description = "In a shell of its own, beside other commands" };
        return cli.Command(
            "exec", "Runs a command in a session and ends with its exit code: one word for the session's shell, several for a program and its arguments.",
            [name, words, stateless, time, directory, variables, input],
            ["strata-ctl sandbox exec work 'cd /tmp && ls | wc -l'", "strata-ctl sandbox exec work -- python3 -c 'print(6*7)'", "strata-ctl sandbox exec work --stdin sort < names"],
            (session, parsed, cancellation) => SandboxRunning.ExecAsync(
                session,
                Wish(parsed.GetRequiredValue(name), parsed.GetRequiredValue(words), parsed.GetValue(time), parsed.GetValue(directory), SandboxArguments.ReadPairs("--env", parsed.GetValue(variables)))
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
            (session, parsed, cancellation) => RunAsync(session, parsed.GetRequiredValue(image), parsed.GetRequiredValue(words), parsed.GetValue(time), parsed.GetValue(input), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string image, string[] words, TimeSpan? time, bool hasInput, CancellationToken cancellation)
    {
        var making = Call.Of("sandbox.create", new SandboxCreateParams(Image: image), WireJson.Default.SandboxCreateParams) with { WithToken = true, ExtraTime = MakingTime };
        var name = (await session.Node.CallAsync(making, WireJson.Default.SandboxCreateResult, cancellation).ConfigureAwait(false)).Session.Session;
        try
        {
            return await SandboxRunning.ExecAsync(session, Wish(name, words, time, null, null) with { Stateless = true }, hasInput, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await session.Node.CallAsync(SandboxArguments.CallOf("close", name), WireJson.Default.StatusResult, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static SandboxExecParams Wish(string name, string[] words, TimeSpan? time, string? directory, IReadOnlyDictionary<string, string>? variables) => new(
        name, words.Length == 1 ? words[0] : null, words.Length == 1 ? null : words, Cwd: directory, Env: variables, TimeoutMs: (int)Math.Clamp((time ?? DefaultTime).TotalMilliseconds, 1, 3_600_000));

    private static Argument<string[]> Words() => new("CMD") { Description = "A command, or a program and its arguments", HelpName = "CMD", Arity = ArgumentArity.OneOrMore };

    private static Option<TimeSpan?> Time() => GlobalOptions.Duration("--time", "How long it may run [default: 2m]");

    private static Option<string?> Directory() => new("--cwd") { Description = "Directory it runs in", HelpName = "DIR" };

    private static Option<bool> Input() => new("--stdin", "-i") { Description = "Give it what standard input has" };
}
