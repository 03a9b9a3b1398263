using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox events</c>: what becomes of sessions, until interrupted.</summary>
internal static class SandboxEventsCommand
{
    public static Command Create(Cli cli)
    {
        var all = new Option<bool>("--all", "-a") { Description = "Everybody's; takes the right sandbox.list_all as well" };
        var name = new Option<string?>("--session") { Description = "One session's alone", HelpName = "NAME" };
        return cli.Command(
            "events", "Shows what becomes of sessions as it happens.", [all, name], ["strata-ctl sandbox events", "strata-ctl sandbox events --all --json | jq -r .kind"],
            (session, parsed, cancellation) => RunAsync(session, new SandboxEventsParams(parsed.GetValue(name), parsed.GetValue(all)), cancellation));
    }

    private static async Task<int> RunAsync(Session session, SandboxEventsParams wanted, CancellationToken cancellation)
    {
        var call = Call.Of("sandbox.events", wanted, WireJson.Default.SandboxEventsParams) with { WithToken = true };
        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            if (!item.Continues)
            {
                break;
            }

            var told = item.Get(WireJson.Default.SandboxEvent);
            if (session.Out.Json)
            {
                session.Out.JsonLine(item.Result);
            }
            else if (told.Kind == "missed")
            {
                session.Notice("events were missed; strata-ctl sandbox ps shows what there is");
            }
            else if (told.Session is not null)
            {
                session.Out.Line($"{told.Time}  {told.Kind,-15}  {(told.Owner is { } owner ? $"{owner}  " : "")}{told.Session}{(told.Target is { } target ? $"  {target}" : "")}{(told.Reason is { } why ? $"  {why}" : "")}");
            }
        }

        return ExitCode.Ok;
    }
}
