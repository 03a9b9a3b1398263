using Strata.Contracts;

namespace Strata.Sandbox;

/// <summary>A session as callers are told of it.</summary>
internal static class SessionView
{
    /// <param name="slot">The session.</param>
    /// <param name="ends">When it ends.</param>
    /// <param name="whole">Whether variables and names of secrets are told; never the values of secrets.</param>
    internal static SandboxInfo Of(SessionSlot slot, (DateTimeOffset Unused, DateTimeOffset Latest) ends, bool whole)
    {
        var (record, terms, session) = (slot.Record, slot.Record.Terms, slot.Session);
        var left = session?.NotEnforced ?? [];
        return new SandboxInfo(
            record.Name, record.Owner, record.Id, StateOf(slot), terms.Image, terms.Engine, terms.Network, terms.Account?.Name ?? (terms.IsRoot ? "root" : "user"), terms.Hostname,
            TimeText.Of(record.Created), TimeText.Of(ends.Unused), TimeText.Of(ends.Latest), terms.TtlSeconds,
            new SandboxLimitsWish(terms.MemoryBytes, left.Contains(SessionTerms.CpuLimit) ? null : terms.Cpus, terms.Pids, terms.DiskBytes, terms.OpenFiles, terms.OutputBytes), session?.EnforcedBy,
            terms.Workspace, terms.SharedWorkspace ? true : null, terms.Labels.Count > 0 ? terms.Labels : null,
            whole && terms.Environment.Count > 0 ? terms.Environment : null, whole && terms.Secrets.Count > 0 ? terms.Secrets : null,
            whole && terms.Placeholders.Count > 0 ? terms.Placeholders : null, whole && terms.Allow.Count > 0 ? terms.Allow : null,
            slot.RestoredBy is not null && slot.Lost is null ? true : null, slot.SecretsLost ? true : null, slot.Lost ?? slot.RestoredBy,
            slot.RestoredBy is not null && terms.DiskBytes is not null ? true : null, left.Count > 0 ? left : null,
            whole ? slot.Defaults.StatedDirectory : null, whole ? slot.Defaults.Entrypoint : null, whole ? slot.Defaults.Command : null, whole ? TlsHostsOf(slot) : null);
    }

    /// <summary>The hosts to which its proxy reads what programs encrypt; null for none.</summary>
    internal static IReadOnlyList<string>? TlsHostsOf(SessionSlot slot) => slot.Placeholders.TlsHosts is { Count: > 0 } hosts ? [.. hosts.Select(host => host.ToString())] : null;

    internal static string StateOf(SessionSlot slot) =>
        slot.Lost is not null ? "lost"
        : slot.Session is not { } session ? "starting"
        : session.State == SessionState.Paused ? "paused"
        : "running";
}
