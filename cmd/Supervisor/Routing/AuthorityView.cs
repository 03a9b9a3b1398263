using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Serves <c>supervisor.svc.authority</c>: what a service may ask of others, by which lines, and how it is reached.</summary>
internal sealed class AuthorityView(NodeBoard board, NodeSettings settings, Launcher launcher)
{
    internal Method Method => new UnaryMethod<ServiceParams, ServiceAuthority>(
        "supervisor.svc.authority", "Tells what a service may ask of others, which line of its manifest says so, and until when it holds it.", Access.Open,
        () => ContractsJson.Default.ServiceParams, () => ContractsJson.Default.ServiceAuthority, (p, _) => Of(p.Name))
    {
        Errors = [ErrorCode.NotFound],
    };

    internal Reply<ServiceAuthority> Of(string name)
    {
        var own = UserId.Effective;
        var peers = new PeerAuthority(own, settings.AuthorityUids);
        if (name == NodePlan.SupervisorName)
        {
            return new ServiceAuthority(name, own, true, launcher.Places.Of(name, ""), [], Socket: settings.SocketOf(name), Confinement: "none");
        }

        if (!board.Current.State.Services.TryGetValue(name, out var service))
        {
            return RpcError.NotFound($"no such service{Hint(name)}; supervisor.svc.list shows those there are") with { Reason = "unknown_service" };
        }

        var manifest = service.Manifest;
        var held = launcher.Capabilities.Of(name);
        var uid = launcher.UidOf(manifest);
        return new ServiceAuthority(
            name,
            uid,
            peers.Includes(new Peer(0, uid, 0)),
            launcher.Places.Of(name, "capabilities"),
            [.. manifest.Capabilities.Index().Select(c => Of(name, c.Index, c.Item))],
            service.State.ToString(),
            held is null ? null : launcher.Capabilities.PathOf(held),
            held?.Expires,
            held?.Trouble,
            manifest.EffectiveSocketName is null ? null : NodeSockets.PathOf(settings, manifest),
            manifest.Offers.IsEmpty ? null : manifest.Offers,
            launcher.EnforcementOf(manifest).Confinement);
    }

    private HeldRights Of(string name, int index, HeldCapability held)
    {
        var place = FormattableString.Invariant($"capabilities[{index}]");
        return new HeldRights(
            held.Service,
            launcher.Places.Of(name, "capabilities", place),
            [.. held.Rights.Index().Select(r => new PlacedRight(r.Item, launcher.Places.Of(name, "capabilities", FormattableString.Invariant($"{place}.rights[{r.Index}]"))))],
            held is { PathPrefix: null, RateLimit: null } ? null : new ConstraintsView(held.PathPrefix, held.RateLimit));
    }

    private string Hint(string name) => NearestName.Of(name, board.Current.State.Services.Keys) is { } near ? $"; did you mean {near}?" : "";
}
