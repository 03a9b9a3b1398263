using System.CommandLine;
using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>svc</c>: the services and their lives.</summary>
internal static class ServiceCommands
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(2);

    public static Command Create(Cli cli) => cli.Family(
        "svc", "Lists, starts, stops and explains services.",
        List(cli),
        Start(cli),
        Stop(cli),
        Restart(cli),
        ExplainCommand.Create(cli),
        WhyCommand.Create(cli));

    public static Argument<string> NameArgument(Cli cli)
    {
        var name = new Argument<string>("NAME") { Description = "Name of the service", HelpName = "NAME" };
        name.CompletionSources.Add(context => NodeNames.Services(context.ParseResult, cli));
        return name;
    }

    private static Command List(Cli cli)
    {
        var wide = new Option<bool>("--wide", "-w") { Description = "Show also what enforces each service's limits, and what the kernel keeps it from" };
        return cli.Command(
            "list", "Lists every service in start order.", [wide], ["strata-ctl svc list", "strata-ctl svc list --wide"],
            (session, parsed, cancellation) => ListAsync(session, parsed.GetValue(wide), cancellation));
    }

    private static async Task<int> ListAsync(Session session, bool wide, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(new Call("supervisor.svc.list"), cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            session.Out.Table(ServiceTable.Of(response.Get(WireJson.Default.ServiceList), wide));
        }

        return ExitCode.Ok;
    }

    private static Command Start(Cli cli)
    {
        var name = NameArgument(cli);
        return cli.Command(
            "start", "Starts a service; ends its quarantine.", [name], ["strata-ctl svc start fs"],
            (session, parsed, cancellation) =>
            {
                var service = parsed.GetRequiredValue(name);
                var call = Call.Of("supervisor.svc.start", new ServiceParams(service), WireJson.Default.ServiceParams);
                return ChangeAsync(session, call with { Resource = service }, "started", cancellation);
            });
    }

    private static Command Stop(Cli cli)
    {
        var (name, drain) = (NameArgument(cli), Drain());
        return cli.Command(
            "stop", "Stops a service: it may finish what is in progress first.", [name, drain], ["strata-ctl svc stop fs", "strata-ctl svc stop fs --drain 30s"],
            (session, parsed, cancellation) =>
            {
                var (service, time) = (parsed.GetRequiredValue(name), parsed.GetValue(drain) ?? DefaultDrain);
                var call = Call.Of("supervisor.svc.stop", new StopParams(service, Milliseconds(time)), WireJson.Default.StopParams);
                return ChangeAsync(session, call with { Resource = service, ExtraTime = time }, "stopped", cancellation);
            });
    }

    private static Command Restart(Cli cli)
    {
        var (name, drain) = (NameArgument(cli), Drain());
        var rolling = new Option<bool>("--rolling") { Description = "Start the new instance first, and end the old one only when the new one is ready" };
        return cli.Command(
            "restart", "Stops a service and starts it again.", [name, drain, rolling],
            ["strata-ctl svc restart fs", "strata-ctl svc restart fs --drain 30s", "strata-ctl svc restart --rolling fs"],
            (session, parsed, cancellation) =>
            {
                var (service, time) = (parsed.GetRequiredValue(name), parsed.GetValue(drain) ?? DefaultDrain);
                var parameters = new RestartParams(service, Milliseconds(time), parsed.GetValue(rolling));
                var call = Call.Of("supervisor.svc.restart", parameters, WireJson.Default.RestartParams);
                return ChangeAsync(session, call with { Resource = service, ExtraTime = time }, "restarted", cancellation);
            });
    }

    private static Option<TimeSpan?> Drain() => GlobalOptions.Duration("--drain", "Time to finish what is in progress before it is killed [default: 2s]");

    private static int Milliseconds(TimeSpan time) => (int)Math.Min(time.TotalMilliseconds, int.MaxValue);

    private static async Task<int> ChangeAsync(Session session, Call call, string done, CancellationToken cancellation)
    {
        var response = await session.Node.SendAsync(call with { WithToken = true, AuthorityMayAct = true }, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            session.Out.Line($"{call.Resource} {StatusOf(response) ?? done}");
        }

        return ExitCode.Ok;
    }

    private static string? StatusOf(RpcResponse response) =>
        response.Result.IsEmpty ? null : response.Get(WireJson.Default.StatusResult).Status;
}
