using System.Collections.Immutable;
using Strata.Contracts;

namespace Strata.Supervisor;

/// <summary>
/// What the registry holds, what it should hold, and the calls between the two. Pure: the calls are made elsewhere.
/// </summary>
internal sealed record RegistrationPlan
{
    /// <summary>Entries of others remembered over a restart of the registry; further ones are forgotten.</summary>
    internal const int MaxRemembered = 1024;

    /// <summary>The registry's entries as far as they are known.</summary>
    internal ImmutableDictionary<string, RegistryEntry> Known { get; init; } = ImmutableDictionary<string, RegistryEntry>.Empty;

    /// <summary>Entries of others that a restart of the registry lost.</summary>
    internal ImmutableDictionary<string, RegistryEntry> Lost { get; init; } = ImmutableDictionary<string, RegistryEntry>.Empty;

    /// <summary>The plan after a snapshot of the registry.</summary>
    /// <param name="entries">What it holds.</param>
    /// <param name="restarted">Whether it may be another process than before, which knows only what it was told since.</param>
    internal RegistrationPlan Synchronised(IReadOnlyList<RegistryEntry> entries, bool restarted)
    {
        var present = entries.ToImmutableDictionary(e => e.Service, StringComparer.Ordinal);
        var remembered = Known.Values.Where(e => e.Declared != true).Concat(Lost.Values).Where(e => !present.ContainsKey(e.Service));
        return new RegistrationPlan
        {
            Known = present,
            Lost = restarted ? remembered.DistinctBy(e => e.Service).Take(MaxRemembered).ToImmutableDictionary(e => e.Service, StringComparer.Ordinal) : Lost.Clear(),
        };
    }

    /// <summary>The plan after a change in the registry.</summary>
    internal RegistrationPlan Changed(string kind, RegistryEntry entry) => kind switch
    {
        "registered" => this with { Known = Known.SetItem(entry.Service, entry), Lost = Lost.Remove(entry.Service) },
        "unregistered" => this with { Known = Known.Remove(entry.Service) },
        _ => this,
    };

    /// <summary>Without an entry that cannot be put back.</summary>
    internal RegistrationPlan GivenUp(string service) => this with { Lost = Lost.Remove(service) };

    /// <summary>The entries to register: declared ones that differ, then what was lost.</summary>
    /// <param name="declared">What the node's services should be registered as.</param>
    internal IEnumerable<RegistryEntry> ToRegister(IReadOnlyCollection<RegistryEntry> declared)
    {
        var names = declared.Select(e => e.Service).ToHashSet(StringComparer.Ordinal);
        return declared.Where(e => !Known.TryGetValue(e.Service, out var known) || known != e)
            .Concat(Lost.Values.Where(e => !names.Contains(e.Service)));
    }

    /// <summary>Names of declared services that should not be registered.</summary>
    internal IEnumerable<string> ToUnregister(IReadOnlyCollection<RegistryEntry> declared)
    {
        var names = declared.Select(e => e.Service).ToHashSet(StringComparer.Ordinal);
        return Known.Values.Where(e => e.Declared == true && !names.Contains(e.Service)).Select(e => e.Service);
    }
}
