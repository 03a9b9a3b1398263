using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox run</c>, and <c>run</c> for short: one command in a session of its own.</summary>
internal sealed class SandboxRunCommand
{
    /// <summary>If nobody is left to close the session, it is over this long after its command.</summary>
    private const int LeftSeconds = 60;

    private static readonly TimeSpan MakingTime = TimeSpan.FromMinutes(2);

    private readonly Argument<string> _image = new("IMAGE") { Description = "Image it starts from; host is this machine's /usr", HelpName = "IMAGE" };
    private readonly Argument<string[]> _words = SandboxExecCommand.Words();
    private readonly Cli _cli;
    private readonly SandboxWishOptions _wish;
    private readonly Option<TimeSpan?> _time = SandboxExecCommand.Time();
    private readonly Option<string?> _directory = SandboxExecCommand.Directory();
    private readonly Option<bool> _input = SandboxExecCommand.Input();

    private SandboxRunCommand(Cli cli)
    {
        _cli = cli;
        _wish = new SandboxWishOptions(cli);
        _image.CompletionSources.Add(SandboxNames.Images(cli));
        _words.Arity = ArgumentArity.ZeroOrMore;
        _words.Description += " [default: what the image has started]";
    }

    /// <summary>The command.</summary>
    /// <param name="cli">Makes it.</param>
    /// <param name="words">How it is called: what stands before <c>run</c> on the command line.</param>
    public static Command Create(Cli cli, string words)
    {
        var it = new SandboxRunCommand(cli);
        return cli.Command(
            "run", "Makes a session, runs a command in it, closes it, and ends with the command's exit code.", [it._image, it._words, it._time, it._directory, it._input, .. it._wish.All],
            [
                $"{words} run host -- sh -c 'id; ls /'",
                $"{words} run docker.io/library/hello-world",
                $"{words} run host --stdin -- sh < script.sh",
                $"{words} run host --memory 256M --pids 64 --time 30s -- python3 -c 'print(6*7)'",
                $"{words} run host --workspace data --cwd /workspace -- make",
                $"{words} run host --network proxy --allow pypi.org --allow '*.pythonhosted.org' -- pip download requests",
            ],
            it.RunAsync);
    }

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        // Named here, so that it is closed also when making it is interrupted.
        var name = "run-" + Guid.NewGuid().ToString("N");
        var wanted = _wish.Read(session, parsed) with { Session = name, Image = parsed.GetRequiredValue(_image), TtlSeconds = LeftSeconds };
        var spoken = SandboxExecCommand.Given(parsed, _words);
        var making = Call.Of("sandbox.create", wanted, WireJson.Default.SandboxCreateParams) with { WithToken = true, ExtraTime = MakingTime };
        var mayBe = true;
        try
        {
            var made = await session.Node.CallAsync(making, WireJson.Default.SandboxCreateResult, cancellation).ConfigureAwait(false);
            spoken = spoken.IsNone ? OfImage(made.Session) : spoken;
            var command = SandboxExecCommand.Wish(name, spoken, SandboxExecCommand.TimeOf(parsed, _time, _cli), parsed.GetValue(_directory), null) with { Stateless = true };
            return await SandboxRunning.ExecAsync(session, command, parsed.GetValue(_input), cancellation).ConfigureAwait(false);
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

    /// <summary>What the image has started: its entry point, and behind it its command.</summary>
    private static SandboxExecCommand.Spoken OfImage(SandboxInfo made) => (string[])[.. made.Entrypoint ?? [], .. made.Command ?? []] is { Length: > 0 } program ? new(null, program)
        : throw new UsageException($"the image {made.Image} says nothing of what to run; give a command, e.g.: strata-ctl sandbox run {made.Image} -- ls /");

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
}
