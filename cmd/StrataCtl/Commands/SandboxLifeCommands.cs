using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox touch</c>, <c>pause</c>, <c>resume</c> and <c>close</c>.</summary>
internal static class SandboxLifeCommands
{
    /// <summary>A session's processes are killed and its files removed before the answer comes.</summary>
    private static readonly TimeSpan EndingTime = TimeSpan.FromMinutes(2);

    public static Command Pause(Cli cli) => Of(cli, "pause", "Stops every process of a session where it is.", ["strata-ctl sandbox pause work"]);

    public static Command Resume(Cli cli) => Of(cli, "resume", "Lets the processes of a paused session go on.", ["strata-ctl sandbox resume work"]);

    public static Command Close(Cli cli)
    {
        var names = new Argument<string[]>("NAME") { Description = "Names of sessions", HelpName = "NAME", Arity = ArgumentArity.OneOrMore };
        names.CompletionSources.Add(Completion.SandboxNames.Sessions(cli));
        return cli.Command(
            "close", "Ends sessions and removes all of them but their workspaces.", [names], ["strata-ctl sandbox close work", "strata-ctl sandbox close one two"],
            async (session, parsed, cancellation) =>
            {
                CallFailedException? failed = null;
                foreach (var name in parsed.GetRequiredValue(names))
                {
                    try
                    {
                        await RunAsync(session, "close", name, cancellation).ConfigureAwait(false);
                    }
                    catch (CallFailedException e) when (e.Failure.Answered && failed is null)
                    {
                        // The others are closed nevertheless; what hindered the first is told at the end.
                        failed = e;
                    }
                    catch (CallFailedException e) when (e.Failure.Answered)
                    {
                        session.Notice($"{name}: {e.Failure.Error.Message}");
                    }
                }

                return failed is null ? ExitCode.Ok : throw failed;
            });
    }

    public static Command Touch(Cli cli)
    {
        var name = SandboxArguments.Session(cli);
        var ttl = GlobalOptions.Duration("--ttl", "How long it stays without use from now on [default: as before]");
        return cli.Command(
            "touch", "Has a session's time without use begin anew.", [name, ttl], ["strata-ctl sandbox touch work --ttl 2h"],
            async (session, parsed, cancellation) =>
            {
                var wanted = new SandboxTouchParams(parsed.GetRequiredValue(name), parsed.GetValue(ttl) is { } span ? (int)Math.Max(1, span.TotalSeconds) : null);
                var call = Call.Of("sandbox.touch", wanted, WireJson.Default.SandboxTouchParams) with { WithToken = true, Resource = wanted.Session };
                var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
                if (session.Out.Json)
                {
                    session.Out.Document(response.Result);
                }
                else
                {
                    session.Out.Line($"{wanted.Session} expires {response.Get(WireJson.Default.SandboxTouchResult).Expires}");
                }

                return ExitCode.Ok;
            });
    }

    private static Command Of(Cli cli, string method, string description, string[] examples)
    {
        var name = SandboxArguments.Session(cli);
        return cli.Command(method, description, [name], examples, async (session, parsed, cancellation) =>
        {
            await RunAsync(session, method, parsed.GetRequiredValue(name), cancellation).ConfigureAwait(false);
            return ExitCode.Ok;
        });
    }

    private static async Task RunAsync(Session session, string method, string name, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(SandboxArguments.CallOf(method, name) with { ExtraTime = EndingTime }, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            session.Out.Line($"{name} is {response.Get(WireJson.Default.StatusResult).Status}");
        }
    }
}
