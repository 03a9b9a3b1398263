using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>Whether a service may call a method, and every step of why. Decided from facts alone.</summary>
/// <param name="Allowed">True, false, or null when something could not be asked.</param>
/// <param name="Verdict">The answer in one line.</param>
/// <param name="Hops">The steps, in the order in which a call meets them.</param>
public sealed record Route(bool? Allowed, string Verdict, ImmutableArray<RouteHop> Hops)
{
    /// <summary>Judges a way.</summary>
    public static Route Of(RouteFacts facts)
    {
        if (!facts.TargetExists)
        {
            return Conclude(facts, [new RouteHop("target", false, $"{facts.Target} is not a service of this node{NearestName.Hint(facts.Target, facts.KnownServices)}")]);
        }

        var method = facts.Methods?.FirstOrDefault(m => m.Name == facts.Method);
        var known = MethodHop(facts, method);
        if (known.Passes == false)
        {
            return Conclude(facts, [TargetHop(facts), known]);
        }

        var (access, right) = method is null ? ("right", facts.Method) : (method.Access, method.Right);
        return Conclude(facts, [TargetHop(facts), SocketHop(facts), known, .. AuthorityHops(facts, access, right), ConfinementHop(facts)]);
    }

    private static Route Conclude(RouteFacts facts, ImmutableArray<RouteHop> hops)
    {
        var obstacle = hops.FirstOrDefault(h => h.Passes == false);
        var doubt = hops.FirstOrDefault(h => h.Passes is null);
        var (allowed, verdict) = (obstacle, doubt) switch
        {
            ({ } no, _) => ((bool?)false, $"{facts.Caller} may not call {facts.Method}: {no.Text}{(no.Place is null ? "" : $" ({no.Place})")}"),
            (_, { } unknown) => (null, $"whether {facts.Caller} may call {facts.Method} is not certain: {unknown.Text}"),
            _ => (true, $"{facts.Caller} may call {facts.Method}"),
        };
        return new Route(allowed, verdict, hops);
    }

    private static RouteHop TargetHop(RouteFacts facts) => facts.TargetState switch
    {
        null or ServiceState.Healthy => new RouteHop("target", true, $"{facts.Target} runs"),
        ServiceState.Starting or ServiceState.Restarting or ServiceState.Crashed or ServiceState.Stopping =>
            new RouteHop("target", true, $"{facts.Target} is {facts.TargetState}: calls wait in its socket until it serves"),
        { } state => new RouteHop("target", false, $"{facts.Target} is {state}, and nobody answers until svc.start {facts.Target}"),
    };

    private static RouteHop MethodHop(RouteFacts facts, RouteMethod? method)
    {
        if (facts.Methods is not { } methods)
        {
            return new RouteHop("method", null, $"{facts.Target} could not be asked about its methods; a right of the method's own name is assumed");
        }

        return method switch
        {
            null => new RouteHop("method", false, $"{facts.Target} has no method {facts.Method}{NearestName.Hint(facts.Method, methods.Select(m => m.Name))}"),
            { Access: "open" } => new RouteHop("method", true, "it is open to whoever connects"),
            { Access: "authority" } => new RouteHop("method", true, "it is for authorities of the node alone: root, its own user, and those in STRATA_AUTHORITY_UIDS"),
            { Access: "holder" } => new RouteHop("method", true, "it is for the holder of any capability of the node"),
            { Access: "holder_or_authority" } => new RouteHop("method", true, "it is for the holder of any capability of the node, or for an authority of the node"),
            _ => new RouteHop("method", true, $"it asks for the right {method.Right}{(method.Access == "right_or_authority" ? ", or for an authority of the node" : "")}"),
        };
    }

    private static IEnumerable<RouteHop> AuthorityHops(RouteFacts facts, string access, string? right)
    {
        if (access == "open")
        {
            return [];
        }

        if (access is "holder" or "holder_or_authority")
        {
            return [new RouteHop("authority", true, $"{facts.Caller} may call it with any capability it holds, about that capability")];
        }

        var holds = facts.Grant?.Rights.Any(r => r.Right == right) == true;
        if (facts.CallerIsAuthority && access is ("authority" or "right_or_authority") && !holds)
        {
            return [new RouteHop("authority", true, $"{facts.Caller} runs as uid {Number(facts.CallerUid)}, an authority of the node, and may call it without a capability; give it a confinement.user to hold it to its manifest")];
        }

        if (access == "authority")
        {
            return [new RouteHop("authority", false, $"{facts.Caller} runs as uid {Number(facts.CallerUid)}, which is no authority of the node")];
        }

        return [ManifestHop(facts, right!), .. holds ? TokenHops(facts) : []];
    }

    private static RouteHop ManifestHop(RouteFacts facts, string right)
    {
        if (facts.Grant is not { } grant)
        {
            return new RouteHop("manifest", false, $"its manifest gives it no capability for {facts.Target}; add {{ \"service\": \"{facts.Target}\", \"rights\": [\"{right}\"] }} to capabilities", facts.CallerPlace);
        }

        foreach (var (given, place) in grant.Rights.Where(r => r.Right == right))
        {
            return new RouteHop("manifest", true, $"gives the right {given}", place);
        }

        return new RouteHop("manifest", false, $"its capability for {facts.Target} does not hold the right {right}, but {string.Join(", ", grant.Rights.Select(r => r.Right))}", grant.Place);
    }

    private static IEnumerable<RouteHop> TokenHops(RouteFacts facts)
    {
        yield return facts switch
        {
            { CallerState: not ServiceState.Healthy, File: null } => new RouteHop("capability", false, $"{facts.Caller} is {facts.CallerState} and holds its capabilities only while it runs"),
            { File: null } => new RouteHop("capability", false, $"{facts.Caller} has not been handed its capabilities: it was started before its manifest named them; restart it"),
            { Expires: { } end } when end <= facts.Now => new RouteHop("capability", false, $"what is in {facts.File} ended {Words.Duration(facts.Now - end)} ago: {facts.Trouble ?? "it was not renewed"}"),
            { Expires: { } end, Trouble: { } trouble } => new RouteHop("capability", true, $"in {facts.File}, good for {Words.Duration(end - facts.Now)}; renewal fails: {trouble}"),
            { Expires: { } end } => new RouteHop("capability", true, $"in {facts.File}, good for {Words.Duration(end - facts.Now)}, renewed before"),
            _ => new RouteHop("capability", null, $"in {facts.File}; when it ends is not known"),
        };
        var grant = facts.Grant!;
        if (grant.PathPrefix is not null || grant.RateLimit is not null)
        {
            string?[] limits = [grant.PathPrefix is { } prefix ? $"paths beneath {prefix}" : null, grant.RateLimit is { } rate ? $"at most {rate}" : null];
            yield return new RouteHop("constraints", true, string.Join(", ", limits.OfType<string>()), grant.Place);
        }
        else
        {
            yield return new RouteHop("constraints", true, "none; without path_prefix a method that takes a path is denied", grant.Place);
        }
    }

    private static RouteHop SocketHop(RouteFacts facts)
    {
        if (facts.Socket is not { } socket)
        {
            return new RouteHop("socket", false, $"{facts.Target} has no socket");
        }

        if (!socket.Exists)
        {
            return new RouteHop("socket", false, $"there is no socket at {socket.Path}");
        }

        var mode = Convert.ToString(socket.Mode & 0x1FF, 8).PadLeft(4, '0');
        var who = $"{socket.Path}, mode {mode}, uid {Number(socket.Uid)}";
        // Connecting takes the right to write. Root without capabilities is held to the bits like anybody else.
        var open = (socket.Mode & 0x2) != 0 || (facts.CallerUid == socket.Uid && (socket.Mode & 0x80) != 0);
        return open ? new RouteHop("socket", true, who)
            : (socket.Mode & 0x10) != 0 ? new RouteHop("socket", null, $"{who}: uid {Number(facts.CallerUid)} may connect if it is in group {Number(socket.Gid)}")
            : new RouteHop("socket", false, $"{who}: uid {Number(facts.CallerUid)} may not connect");
    }

    private static RouteHop ConfinementHop(RouteFacts facts) =>
        new("confinement", true, $"{facts.CallerConfinement}: none of it keeps a service from a Unix socket in the runtime directory");

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
