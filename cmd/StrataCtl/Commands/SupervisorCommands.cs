using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>supervisor</c>: the supervisor itself.</summary>
internal static class SupervisorCommands
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(15);

    public static Command Create(Cli cli) => cli.Family("supervisor", "Replaces the supervisor while its services serve.", Upgrade(cli));

    private static Command Upgrade(Cli cli)
    {
        var binary = new Option<string?>("--binary") { Description = "Program to execute [default: the supervisor's own file, as it lies on disk now]", HelpName = "PATH" };
        return cli.Command(
            "upgrade", "Executes a new supervisor in place of the running one: same pid, services and their clients notice nothing; exit 1 when the old one goes on.", [binary],
            ["strata-ctl supervisor upgrade", "strata-ctl supervisor upgrade --binary /opt/strata/bin/supervisor"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(binary), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string? binary, CancellationToken cancellation)
    {
        var before = await StatusAsync(session, cancellation).ConfigureAwait(false);
        var call = Call.Of("supervisor.upgrade", new UpgradeParams(binary is null ? null : Path.GetFullPath(binary)), WireJson.Default.UpgradeParams) with { WithToken = true, AuthorityMayAct = true };
        _ = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        var after = await NextAsync(session, before, cancellation).ConfigureAwait(false);
        if (after is { UpgradeRefused: null })
        {
            session.Out.Line($"supervisor {before.Version} is now {after.Version}");
            return ExitCode.Ok;
        }

        session.Out.Line(after is null ? $"no supervisor has answered for {Limit.TotalSeconds:0} s; see its log" : $"the old supervisor goes on: {after.UpgradeRefused}");
        return ExitCode.Refused;
    }

    /// <summary>The status as the next supervisor tells it; null when none does in time. Who connects meanwhile waits.</summary>
    private static async Task<NodeStatus?> NextAsync(Session session, NodeStatus before, CancellationToken cancellation)
    {
        var time = session.Around.Time;
        var since = time.GetTimestamp();
        while (time.GetElapsedTime(since) < Limit)
        {
            try
            {
                if (await StatusAsync(session, cancellation).ConfigureAwait(false) is var now && now.SupervisorGeneration != before.SupervisorGeneration)
                {
                    return now;
                }
            }
            catch (CallFailedException e) when (!e.Failure.Answered || e.Failure.Error.Code == Ipc.ErrorCode.Unavailable)
            {
                // The old one is on its way out.
            }

            await Task.Delay(Pause, time, cancellation).ConfigureAwait(false);
        }

        return null;
    }

    private static Task<NodeStatus> StatusAsync(Session session, CancellationToken cancellation) =>
        session.Node.CallAsync(new Call("supervisor.status"), WireJson.Default.NodeStatus, cancellation);
}
