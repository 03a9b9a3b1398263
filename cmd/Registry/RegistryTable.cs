using System.Collections.Immutable;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Registry;

/// <summary>Who asks the registry for a change.</summary>
/// <param name="Uid">The caller's user id.</param>
/// <param name="IsSupervisor">True for the supervisor's own process.</param>
internal readonly record struct Registrant(uint Uid, bool IsSupervisor);

/// <summary>
/// Who serves what, where. Immutable: a change makes a new table. Names of the node's own manifests belong to the
/// supervisor; any other name belongs to the user who registered it first, until it is given back.
/// </summary>
internal sealed record RegistryTable
{
    /// <summary>Most entries.</summary>
    internal const int MaxEntries = 1024;

    /// <summary>Most entries of one user id that is not the supervisor.</summary>
    internal const int MaxEntriesPerUid = 256;

    /// <summary>Names only the supervisor may register, registered or not.</summary>
    internal required ImmutableHashSet<string> Declared { get; init; }

    /// <summary>The entries by name.</summary>
    internal ImmutableSortedDictionary<string, RegistryEntry> Entries { get; init; } =
        ImmutableSortedDictionary.Create<string, RegistryEntry>(StringComparer.Ordinal);

    /// <summary>Adds or replaces an entry.</summary>
    /// <returns>The table after it, or why not.</returns>
    internal (RegistryTable Table, RpcError? Error) Register(RegisterParams wanted, Registrant who)
    {
        if (EndpointText.FaultOfName(wanted.Service) is { } nameFault)
        {
            return (this, RpcError.InvalidField("service", $"the field \"service\" {nameFault}"));
        }

        if (EndpointText.FaultOfEndpoint(wanted.Endpoint) is { } endpointFault)
        {
            return (this, RpcError.InvalidField("endpoint", $"the field \"endpoint\" {endpointFault}"));
        }

        if (!who.IsSupervisor && (wanted.OwnerUid is not null || wanted.Declared is not null))
        {
            return (this, Denied("supervisor_only", "owner_uid and declared are the supervisor's to set"));
        }

        if (MayChange(wanted.Service, who) is { } denial)
        {
            return (this, denial);
        }

        var owner = wanted.OwnerUid ?? who.Uid;
        if (!Entries.ContainsKey(wanted.Service) && RoomFor(owner, who) is { } full)
        {
            return (this, full);
        }

        var entry = new RegistryEntry(wanted.Service, wanted.Endpoint, wanted.ApiV, wanted.Declared == true ? true : null, owner);
        return (this with { Entries = Entries.SetItem(entry.Service, entry) }, null);
    }

    /// <summary>Removes an entry.</summary>
    /// <returns>The table after it, or why not.</returns>
    internal (RegistryTable Table, RpcError? Error) Unregister(string service, Registrant who)
    {
        if (MayChange(service, who) is { } denial)
        {
            return (this, denial);
        }

        return Entries.ContainsKey(service)
            ? (this with { Entries = Entries.Remove(service) }, null)
            : (this, Unknown(service));
    }

    /// <summary>The error for a name that is not registered.</summary>
    internal static RpcError Unknown(string service) =>
        RpcError.NotFound($"no service \"{JsonText.Shorten(System.Text.Encoding.UTF8.GetBytes(service))}\" is registered; registry.list shows those that are");

    private RpcError? MayChange(string service, Registrant who)
    {
        if (who.IsSupervisor)
        {
            return null;
        }

        if (Declared.Contains(service) || (Entries.TryGetValue(service, out var entry) && entry.Declared == true))
        {
            return Denied("declared_name", $"\"{service}\" is a service of this node and only its supervisor registers it");
        }

        var foreign = Entries.TryGetValue(service, out var present) && present.OwnerUid != who.Uid && who.Uid != 0;
        return foreign
            ? new RpcError(ErrorCode.Conflict, $"\"{service}\" is registered by another user; choose another name or let its owner unregister it") { Reason = "name_taken" }
            : null;
    }

    private RpcError? RoomFor(long owner, Registrant who)
    {
        if (Entries.Count >= MaxEntries)
        {
            return RpcError.ResourceExhausted($"the registry holds {MaxEntries} entries, the most it takes; unregister some", "registry_full");
        }

        return !who.IsSupervisor && Entries.Values.Count(e => e.OwnerUid == owner) >= MaxEntriesPerUid
            ? RpcError.ResourceExhausted($"user {owner} has {MaxEntriesPerUid} entries, the most one user may have; unregister some", "registry_full")
            : null;
    }

    private static RpcError Denied(string reason, string message) => new(ErrorCode.PermissionDenied, message) { Reason = reason };
}
