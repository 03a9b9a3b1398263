using System.Collections.Immutable;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The node's keys and where each is in its life. Pure: every step gives another roll, which is stored before it counts.
/// One key of a version signs at any time.
/// </summary>
/// <remarks>next, published before it signs -> active -> retiring, until its last token has expired -> gone.</remarks>
internal sealed record KeyRoll
{
    /// <summary>Most keys of one version: a rotation needs room for one more.</summary>
    internal const int MaxKeysPerVersion = KeySet.MaxKeysPerVersion;

    private static readonly TokenVersion[] Versions = [TokenVersion.V2, TokenVersion.V4];

    private KeyRoll(ImmutableArray<KeyEntry> keys) => Keys = keys;

    /// <summary>All keys, in the order in which they were made.</summary>
    internal ImmutableArray<KeyEntry> Keys { get; }

    /// <summary>What verifiers are told.</summary>
    internal KeySet PublicKeys => KeySet.Of(Keys.Select(entry => entry.Key));

    /// <summary>When the next key retires; null when none is retiring.</summary>
    internal DateTimeOffset? NextRetirement => Keys.Min(entry => entry.Retires);

    /// <summary>Takes keys together; null when they cannot be those of a node.</summary>
    internal static KeyRoll? TryOf(IEnumerable<KeyEntry> keys)
    {
        ImmutableArray<KeyEntry> all = [.. keys];
        var isSound = Versions.All(version => Count(version, KeyState.Active) == 1 && Count(version, KeyState.Next) <= 1
                && all.Count(e => e.Version == version) <= MaxKeysPerVersion && all.Count(e => e.Version == version && !e.Key.IsNamedOnly) <= KeySet.MaxUnnamedPerVersion)
            && all.Select(e => (e.Version, e.Serial)).Distinct().Count() == all.Length
            && all.Select(e => Convert.ToHexString(e.Key.PublicKey)).Distinct(StringComparer.Ordinal).Count() == all.Length
            && all.All(e => e.Serial > 0 && e.Until.HasValue == (e.State == KeyState.Retiring));
        return isSound ? new KeyRoll(all) : null;

        int Count(TokenVersion version, KeyState state) => all.Count(e => e.Version == version && e.State == state);
    }

    /// <summary>The key of a version that signs.</summary>
    internal KeyEntry Active(TokenVersion version) => Keys.Single(e => e.Version == version && e.State == KeyState.Active);

    /// <summary>The serial number of the next key of a version: never that of a key that has signed.</summary>
    internal int NextSerial(TokenVersion version) => Keys.Where(e => e.Version == version).Max(e => e.Serial) + 1;

    /// <summary>Whether a key signs, or is about to.</summary>
    internal bool IsSigning(string keyId) => Keys.Any(e => e.Key.KeyId == keyId && e.State != KeyState.Retiring);

    /// <summary>The id of a key that may be called by the name of earlier versions; anything else as it is.</summary>
    internal string Canonical(string keyId) => Keys.FirstOrDefault(e => KeyId.LegacyOf(e.Version, e.Key.PublicKey) == keyId)?.Key.KeyId ?? keyId;

    /// <summary>Adds a key that is to sign next, or says why there is no room.</summary>
    internal Reply<KeyRoll> Begin(VerificationKey key, DateTimeOffset now)
    {
        var others = Keys.Where(e => e.Version == key.Version).ToList();
        if (others.Count >= MaxKeysPerVersion)
        {
            var oldest = LimitsView.Rfc3339(others.Min(e => e.Retires)!.Value);
            return RpcError.ResourceExhausted(
                $"{MaxKeysPerVersion} keys verify tokens of this version, the most that may; the oldest retires at {oldest}, when its last token has expired: try again then", "too_many_keys")
                with { Details = [new("retires", oldest)] };
        }

        return new KeyRoll(Keys.Add(new KeyEntry(key, NextSerial(key.Version), KeyState.Next, now)));
    }

    /// <summary>Lets the next keys sign and retires those that did.</summary>
    /// <param name="until">When the last token of a key that signed until now has expired.</param>
    internal KeyRoll Switch(Func<KeyEntry, DateTimeOffset> until) => new([.. Keys.Select(e => e.State switch
    {
        KeyState.Next => e with { State = KeyState.Active },
        KeyState.Active when Keys.Any(next => next.State == KeyState.Next && next.Version == e.Version) => e with { State = KeyState.Retiring, Until = until(e) },
        _ => e,
    })]);

    /// <summary>Brings the end of a retiring key forward, once it is known that it signs no more.</summary>
    internal KeyRoll Tighten(string keyId, DateTimeOffset until) =>
        new([.. Keys.Select(e => e.Key.KeyId == keyId && e.State == KeyState.Retiring && until < e.Until ? e with { Until = until } : e)]);

    /// <summary>Without the keys that were to sign next: a rotation that was not carried through.</summary>
    internal KeyRoll Abandon() => Without(e => e.State == KeyState.Next);

    /// <summary>Without the keys whose last token has expired everywhere.</summary>
    internal KeyRoll Retire(DateTimeOffset now) => Without(e => now > e.Retires);

    private KeyRoll Without(Func<KeyEntry, bool> isGone) => Keys.Any(isGone) ? new KeyRoll([.. Keys.Where(e => !isGone(e))]) : this;
}
