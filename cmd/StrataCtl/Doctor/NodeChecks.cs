using Strata.Contracts;
using Strata.Ipc;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Doctor;

/// <summary>The running node: sockets, services, versions, and the token at hand.</summary>
internal static class NodeChecks
{
    private static readonly string[] BuiltIn = ["supervisor", "registry", "identity", "fs"];

    /// <summary>Whether each service's socket is there and the service behind it answers to its name.</summary>
    public static async Task<IReadOnlyList<Finding>> ServicesAsync(Session session, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        foreach (var service in BuiltIn)
        {
            findings.Add(await PingAsync(session, service, cancellation).ConfigureAwait(false));
        }

        return findings;
    }

    /// <summary>Whether the supervisor is content with its services, and of this program's version.</summary>
    public static async Task<IReadOnlyList<Finding>> SupervisorAsync(Session session, CancellationToken cancellation)
    {
        try
        {
            var status = await session.Node.CallAsync(new Call("supervisor.status"), WireJson.Default.NodeStatus, cancellation).ConfigureAwait(false);
            var list = await session.Node.CallAsync(new Call("supervisor.svc.list"), WireJson.Default.ServiceList, cancellation).ConfigureAwait(false);
            return [Version(status.Version), .. list.Services.Select(State), .. list.Services.Select(Confinement).OfType<Finding>(), Denials(list.DenialsUnseen)];
        }
        catch (CallFailedException)
        {
            // Its socket has been reported already.
            return [];
        }
    }

    /// <summary>Whether the token at hand is good; nothing when there is none.</summary>
    public static async Task<IReadOnlyList<Finding>> TokenAsync(Session session, CancellationToken cancellation)
    {
        const string check = "token";
        try
        {
            if (session.Token is not { } token)
            {
                return [];
            }

            var call = Call.Of("identity.introspect", new IntrospectParams(token), WireJson.Default.IntrospectParams);
            var verdict = await session.Node.CallAsync(call, WireJson.Default.IntrospectResult, cancellation).ConfigureAwait(false);
            return verdict.Active
                ? [Finding.Ok(check, $"active, for {verdict.Service}, until {verdict.Exp}")]
                : [Finding.Fail(check, $"not active: {verdict.Reason}", "issue a new one: strata-ctl token issue --help")];
        }
        catch (UsageException e)
        {
            return [Finding.Fail(check, e.Message, "name a readable file that holds a token")];
        }
        catch (CallFailedException e)
        {
            return [Finding.Warn(check, $"cannot be checked: {e.Failure.Error.Message}", "see the identity line")];
        }
    }

    private static async Task<Finding> PingAsync(Session session, string service, CancellationToken cancellation)
    {
        var check = $"{service} socket";
        var began = session.Around.Time.GetTimestamp();
        try
        {
            var pong = await session.Node.CallAsync(new Call($"{service}.ping"), WireJson.Default.PingResult, cancellation).ConfigureAwait(false);
            return pong.Service == service
                ? Finding.Ok(check, $"answers in {Durations.Show(session.Around.Time.GetElapsedTime(began))}, pid {pong.Pid}")
                : Finding.Fail(check, $"{pong.Service} answers in place of {service}", "see who owns the socket: strata-ctl registry list");
        }
        catch (CallFailedException e) when (e.Failure.Answered && e.Failure.Error.Code == ErrorCode.InvalidArgument)
        {
            return Finding.Warn(check, "answers, but knows no ping: another implementation of the protocol", "nothing need be done");
        }
        catch (CallFailedException e)
        {
            var fix = e.Failure.Error.Reason == "may_not_connect" ? "run as root or as the user of the node"
                : service != "supervisor" ? $"strata-ctl svc explain {service}"
                : session.HasUnit ? $"start the node: {InstalledUnit.Start}; {InstalledUnit.Log} tells why it does not run"
                : "start the node: ./run.sh";
            return Finding.Fail(check, e.Failure.Error.Message, fix);
        }
    }

    private static Finding Version(string? version) => version is null || version == StrataVersion.Current
        ? Finding.Ok("version", $"strata-ctl {StrataVersion.Current}, node {version ?? "unknown"}")
        : Finding.Warn("version", $"strata-ctl {StrataVersion.Current}, node {version}", "use the strata-ctl that came with the node");

    /// <summary>What a service is kept from; nothing when the node does not say.</summary>
    private static Finding? Confinement(ServiceStatus service)
    {
        var check = $"confinement {service.Name}";
        return service switch
        {
            { Confinement: null } => null,
            { NotEnforced: { Count: > 0 } lacking } => Finding.Warn(check, $"{service.Confinement}; not enforced: {string.Join(", ", lacking)}", "it runs with less: boot with lsm=landlock,... and install libseccomp2"),
            { Denied: { Count: > 0 } denied } => Finding.Warn(
                check, $"{service.Confinement}; denied: {string.Join(", ", denied.Select(d => $"{d.What} {d.Count} times"))}",
                $"see what it tries (strata-ctl logs {service.Name}; confinement.denied in the supervisor's audit): a fault, an attack, or a confinement that is too narrow"),
            { Confinement: "none" } => Finding.Warn(check, "none: nothing but its user bounds it", "give its manifest a confinement"),
            _ => Finding.Ok(check, service.Confinement),
        };
    }

    private static Finding Denials(string? unseen) => unseen is null
        ? Finding.Ok("denials", "system calls denied to services are counted")
        : Finding.Warn("denials", $"system calls denied to services are not seen: {unseen}", "run the supervisor as root with CAP_AUDIT_READ on the machine's own network to see them; they are denied all the same");

    private static Finding State(ServiceStatus service)
    {
        var check = $"service {service.Name}";
        return service.State switch
        {
            "Healthy" => Finding.Ok(check, $"Healthy, pid {service.Pid}"),
            "Completed" => Finding.Ok(check, "Completed"),
            "Waiting" => Finding.Ok(check, "Waiting"),
            "Listening" => Finding.Ok(check, "Listening: waits for its first connection"),
            "Crashed" or "Quarantined" => Finding.Fail(check, $"{service.State}: {service.LastCrash ?? "no cause given"}", $"strata-ctl svc explain {service.Name}"),
            _ => Finding.Warn(check, service.State, $"strata-ctl svc explain {service.Name}"),
        };
    }
}
