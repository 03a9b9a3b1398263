using System.Collections.Immutable;

namespace Strata.Policy;

/// <summary>The rules in force, looked up without going through all of them. Immutable: a change is a new set.</summary>
internal sealed class RevocationRules
{
    private readonly ImmutableDictionary<Target, RevocationRule> byTarget;
    private readonly ImmutableDictionary<string, RevocationRule> subjects;
    private readonly ImmutableDictionary<string, RevocationRule> templates;
    private readonly ImmutableDictionary<string, RevocationRule> keys;
    private readonly long derivedBeforeTicks;
    private readonly long everythingBeforeTicks;

    private RevocationRules(ImmutableDictionary<Target, RevocationRule> rules)
    {
        byTarget = rules;
        subjects = Of(RevocationScope.Subject);
        templates = Of(RevocationScope.Template);
        keys = Of(RevocationScope.Key);
        derivedBeforeTicks = keys.IsEmpty ? long.MinValue : keys.Values.Max(rule => rule.Before.UtcTicks);
        everythingBeforeTicks = byTarget.TryGetValue(new(RevocationScope.Everything, RevocationRule.AnyValue), out var all) ? all.Before.UtcTicks : long.MinValue;
    }

    /// <summary>With a rule more than a set has, or another of its target; only what it belongs to is made anew.</summary>
    private RevocationRules(RevocationRules before, RevocationRule rule)
    {
        byTarget = before.byTarget.SetItem(new(rule.Scope, rule.Value), rule);
        subjects = rule.Scope == RevocationScope.Subject ? before.subjects.SetItem(rule.Value, rule) : before.subjects;
        templates = rule.Scope == RevocationScope.Template ? before.templates.SetItem(rule.Value, rule) : before.templates;
        keys = rule.Scope == RevocationScope.Key ? before.keys.SetItem(rule.Value, rule) : before.keys;
        derivedBeforeTicks = rule.Scope == RevocationScope.Key ? Math.Max(before.derivedBeforeTicks, rule.Before.UtcTicks) : before.derivedBeforeTicks;
        everythingBeforeTicks = rule.Scope == RevocationScope.Everything ? rule.Before.UtcTicks : before.everythingBeforeTicks;
    }

    internal static RevocationRules None { get; } = new(ImmutableDictionary<Target, RevocationRule>.Empty);

    internal int Count => byTarget.Count;

    internal IEnumerable<RevocationRule> All => byTarget.Values;

    /// <summary>Whether a rule is no more than one in force says.</summary>
    internal bool Covers(RevocationRule rule) =>
        byTarget.TryGetValue(new(rule.Scope, rule.Value), out var known) && known.Before >= rule.Before && known.ExpiresAt >= rule.ExpiresAt;

    internal bool HasTarget(RevocationRule rule) => byTarget.ContainsKey(new(rule.Scope, rule.Value));

    /// <summary>With a rule more, or with what it says added to the one of the same target.</summary>
    internal RevocationRules With(RevocationRule rule)
    {
        var merged = byTarget.TryGetValue(new(rule.Scope, rule.Value), out var known)
            ? rule with { Before = Later(rule.Before, known.Before), ExpiresAt = Later(rule.ExpiresAt, known.ExpiresAt) }
            : rule;
        return new(this, merged);
    }

    /// <summary>Without those whose time has passed.</summary>
    internal RevocationRules Pruned(DateTimeOffset now)
    {
        var left = byTarget.RemoveRange(byTarget.Where(r => now.UtcTicks - ClockSkew.Max.Ticks > r.Value.ExpiresAt.UtcTicks).Select(r => r.Key));
        return left.Count == byTarget.Count ? this : new(left);
    }

    internal bool Ends(CapabilityClaims claims, string? keyId)
    {
        if (byTarget.IsEmpty)
        {
            return false;
        }

        var issuedAt = claims.IssuedAt.UtcTicks;
        return claims.Began.UtcTicks <= everythingBeforeTicks
            || (claims.Since is not null && issuedAt <= derivedBeforeTicks)
            || (keyId is not null && keys.ContainsKey(keyId))
            || (claims.Template is { } template && templates.TryGetValue(template, out var ofTemplate) && ofTemplate.Ends(claims, keyId))
            || (!subjects.IsEmpty && EndsBySubject(claims, keyId));
    }

    private bool EndsBySubject(CapabilityClaims claims, string? keyId)
    {
        if (subjects.TryGetValue(claims.Subject, out var own) && own.Ends(claims, keyId))
        {
            return true;
        }

        for (var i = 0; i < claims.Chain.Count; i++)
        {
            if (claims.Chain[i].Subject is { } subject && subjects.TryGetValue(subject, out var rule) && rule.Ends(claims, keyId))
            {
                return true;
            }
        }

        return false;
    }

    private ImmutableDictionary<string, RevocationRule> Of(RevocationScope scope) =>
        byTarget.Where(r => r.Key.Scope == scope).ToImmutableDictionary(r => r.Key.Value, r => r.Value, StringComparer.Ordinal);

    private static DateTimeOffset Later(params DateTimeOffset[] times) => times.Max();

    private readonly record struct Target(RevocationScope Scope, string Value);
}
