using System.Collections.Immutable;
using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.Linux;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;
using Strata.Supervision;

namespace Strata.StrataCtl.Commands;

/// <summary><c>route</c>: why a service may or may not call a method of another, hop by hop.</summary>
internal static class RouteCommand
{
    public static Command Create(Cli cli)
    {
        var name = ServiceCommands.NameArgument(cli);
        var method = new Argument<string>("METHOD") { Description = "Method it would call, e.g. fs.read", HelpName = "METHOD" };
        method.CompletionSources.Add(context => NodeNames.Methods(context.ParseResult, cli));
        return cli.Command(
            "route", "Tells why a service may or may not call a method, and which line of which manifest decides (exit 1 when it may not).", [name, method],
            ["strata-ctl route thumbs fs.read", "strata-ctl route thumbs fs.read --json | jq -r .verdict"],
            async (session, parsed, cancellation) =>
            {
                var route = Route.Of(await GatherAsync(session, parsed.GetRequiredValue(name), parsed.GetRequiredValue(method), cancellation).ConfigureAwait(false));
                if (session.Out.Json)
                {
                    session.Out.Document(json => Write(json, route));
                }
                else
                {
                    Show(session.Out, route);
                }

                return route.Allowed == true ? ExitCode.Ok : ExitCode.Refused;
            });
    }

    private static async Task<RouteFacts> GatherAsync(Session session, string name, string method, CancellationToken cancellation)
    {
        var target = SocketResolver.ServiceOf(method);
        var caller = await AuthorityOfAsync(session, name, cancellation).ConfigureAwait(false);
        var list = await session.Node.CallAsync(new Call("supervisor.svc.list"), WireJson.Default.ServiceList, cancellation).ConfigureAwait(false);
        var names = list.Services.Select(s => s.Name).Append(NodePlan.SupervisorName).ToImmutableArray();
        var called = names.Contains(target) ? await AuthorityOfAsync(session, target, cancellation).ConfigureAwait(false) : null;
        var grant = caller.Holds.FirstOrDefault(h => h.Service == target);
        return new RouteFacts
        {
            Caller = name,
            CallerState = StateOf(caller.State) ?? ServiceState.Healthy,
            CallerUid = caller.Uid,
            CallerIsAuthority = caller.IsAuthority,
            CallerPlace = caller.Place,
            CallerConfinement = caller.Confinement ?? "none",
            Grant = grant is null ? null : new RouteGrant(grant.Place, [.. grant.Rights.Select(r => (r.Right, r.Place))], grant.Constraints?.PathPrefix, grant.Constraints?.RateLimit),
            File = caller.File,
            Expires = caller.Expires is { } end ? DateTimeOffset.FromUnixTimeSeconds(end) : null,
            Trouble = caller.Trouble,
            Method = method,
            Target = target,
            TargetExists = called is not null,
            TargetState = StateOf(called?.State),
            KnownServices = names,
            Methods = called is null ? null : await MethodsOfAsync(session, target, cancellation).ConfigureAwait(false),
            Offers = [.. called?.Offers ?? []],
            Socket = called?.Socket is { } path ? SocketAt(path) : null,
            Now = session.Around.Time.GetUtcNow(),
        };
    }

    private static Task<ServiceAuthority> AuthorityOfAsync(Session session, string name, CancellationToken cancellation) => session.Node.CallAsync(
        Call.Of("supervisor.svc.authority", new ServiceParams(name), WireJson.Default.ServiceParams) with { Resource = name }, WireJson.Default.ServiceAuthority, cancellation);

    private static async Task<ImmutableArray<RouteMethod>?> MethodsOfAsync(Session session, string target, CancellationToken cancellation)
    {
        try
        {
            var description = await NodeDescription.OfAsync(session.Node, target, cancellation).ConfigureAwait(false);
            return [.. description.Methods.Select(m => new RouteMethod(m.Name, m.Access, m.Right))];
        }
        catch (CallFailedException)
        {
            return null;
        }
    }

    private static RouteSocket SocketAt(string path) => FileStatus.TryGetNoFollow(path, out var status) == 0
        ? new RouteSocket(path, status.Kind == FileKind.Socket, status.Mode, status.Uid, status.Gid)
        : new RouteSocket(path, false, 0, 0, 0);

    private static ServiceState? StateOf(string? state) => Enum.TryParse<ServiceState>(state, out var known) ? known : null;

    private static void Show(OutputWriter output, Route route)
    {
        output.Line(route.Verdict, route.Allowed switch { true => Tone.Good, false => Tone.Bad, _ => Tone.Warning });
        var width = route.Hops.Max(h => h.Name.Length);
        foreach (var hop in route.Hops)
        {
            var (mark, tone) = hop.Passes switch { true => ("ok  ", Tone.Good), false => ("no  ", Tone.Bad), _ => ("?   ", Tone.Warning) };
            output.Raw($"  {Tones.Paint(mark, tone, output.Coloured)}{hop.Name.PadRight(width)}  {SafeText.Of(hop.Text)}{(hop.Place is null ? "" : $"  [{SafeText.Of(hop.Place)}]")}\n");
        }
    }

    private static void Write(Utf8JsonWriter json, Route route)
    {
        json.WriteStartObject();
        if (route.Allowed is { } allowed)
        {
            json.WriteBoolean("allowed"u8, allowed);
        }
        else
        {
            json.WriteNull("allowed"u8);
        }

        json.WriteString("verdict"u8, route.Verdict);
        json.WriteStartArray("hops"u8);
        foreach (var hop in route.Hops)
        {
            json.WriteStartObject();
            json.WriteString("hop"u8, hop.Name);
            json.WriteString("passes"u8, hop.Passes switch { true => "yes", false => "no", _ => "unknown" });
            json.WriteString("text"u8, hop.Text);
            if (hop.Place is not null)
            {
                json.WriteString("place"u8, hop.Place);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
