using System.Collections.Immutable;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Registry;

/// <summary>Declares the registry's methods.</summary>
internal static class RegistryService
{
    private static readonly StatusResult Registered = new("registered");
    private static readonly StatusResult Unregistered = new("unregistered");

    internal static ServiceSetup Build(ServiceEnvironment environment)
    {
        var identity = environment.CreateFeed();
        var declared = (environment.Variable("STRATA_DECLARED_SERVICES") ?? "supervisor,registry,identity,fs")
            .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var feed = new RegistryFeed(new RegistryTable { Declared = declared.ToImmutableHashSet(StringComparer.Ordinal) });
        return new ServiceSetup(Methods(feed, environment), environment.CreateAuthorizer(identity)) { Background = [identity.RunAsync] };
    }

    internal static IReadOnlyList<Method> Methods(RegistryFeed feed, ServiceEnvironment environment)
    {
        var mirror = new MirrorProgress(environment.Time);
        var supervisor = new SupervisorPeer(environment.Settings);
        bool FromSupervisor(CallContext call) => supervisor.Is(call.Peer);
        Registrant Who(CallContext call) => new(call.Peer.Uid, FromSupervisor(call));
        async ValueTask<Reply<StatusResult>> Answer(RpcError? error, StatusResult done, CallContext call, string service)
        {
            if (error is null && supervisor.Exists && !FromSupervisor(call))
            {
                await mirror.ReachesAsync(feed.Seq, call.Cancellation).ConfigureAwait(false);
            }

            var outcome = error is null ? "allowed" : "denied";
            environment.Audit.Note(AuditLog.Of($"registry.{done.Status}", outcome, call) with { Resource = service, Reason = error?.Reason });
            return error is null ? done : error;
        }

        return
        [
            new UnaryMethod<RegisterParams, StatusResult>(
                "registry.register", "Says where a service listens; names of the node's own services belong to its supervisor.",
                Access.RightOrAuthority("registry.register"), () => ContractsJson.Default.RegisterParams, () => ContractsJson.Default.StatusResult,
                (p, call) => Answer(feed.Register(p, Who(call)), Registered, call, p.Service))
            {
                Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.ResourceExhausted, ErrorCode.Conflict],
            },
            new UnaryMethod<ServiceName, StatusResult>(
                "registry.unregister", "Takes a service's entry away.",
                Access.RightOrAuthority("registry.register"), () => ContractsJson.Default.ServiceName, () => ContractsJson.Default.StatusResult,
                (p, call) => Answer(feed.Unregister(p.Service, Who(call)), Unregistered, call, p.Service))
            {
                Errors = [ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Conflict],
            },
            new UnaryMethod<ServiceName, ResolveResult>(
                "registry.resolve", "Tells where a service listens.", Access.Open, () => ContractsJson.Default.ServiceName, () => ContractsJson.Default.ResolveResult,
                (p, _) => Resolve(feed.Table, p.Service))
            {
                Errors = [ErrorCode.NotFound],
            },
            new UnaryMethod<NoParams, RegistryList>(
                "registry.list", "Lists every registered service by name.", Access.Open, () => ContractsJson.Default.NoParams, () => ContractsJson.Default.RegistryList,
                (_, _) => (Reply<RegistryList>)new RegistryList([.. feed.Table.Entries.Values])),
            new StreamMethod<NoParams, RegistryEvent>(
                "registry.watch", "Streams a snapshot of all entries, then every change.", Access.Open,
                () => ContractsJson.Default.NoParams, () => ContractsJson.Default.RegistryEvent, (_, call) => feed.Follow(call.Peer.Uid, FromSupervisor(call) ? mirror.Took : null))
            {
                Errors = [ErrorCode.ResourceExhausted],
            },
        ];
    }

    private static Reply<ResolveResult> Resolve(RegistryTable table, string service) =>
        table.Entries.TryGetValue(service, out var entry) ? new ResolveResult(entry.Endpoint, entry.ApiV) : RegistryTable.Unknown(service);
}
