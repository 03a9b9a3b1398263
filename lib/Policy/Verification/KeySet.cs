using System.Collections.Immutable;

namespace Strata.Policy;

/// <summary>The keys a verifier trusts, by version and id. Immutable: a change is a new set.</summary>
public sealed class KeySet
{
    /// <summary>Most keys of one version: 128, enough for a hundred rotations within the life of a token.</summary>
    public const int MaxKeysPerVersion = 128;

    /// <summary>Most keys of one version that a token without a footer is tried against: 4. Each costs a signature check, whoever sent the token.</summary>
    public const int MaxUnnamedPerVersion = 4;

    private readonly ImmutableArray<VerificationKey> v2;
    private readonly ImmutableArray<VerificationKey> v4;

    private KeySet(ImmutableArray<VerificationKey> v2, ImmutableArray<VerificationKey> v4)
    {
        this.v2 = v2;
        this.v4 = v4;
    }

    /// <summary>The set that verifies nothing.</summary>
    public static KeySet Empty { get; } = new([], []);

    /// <summary>All keys, those of v2 first.</summary>
    public ImmutableArray<VerificationKey> Keys => v2.AddRange(v4);

    /// <summary>Makes a set; the order within a version is the order of trial.</summary>
    /// <exception cref="ArgumentException">More than <see cref="MaxKeysPerVersion"/> of a version, more than <see cref="MaxUnnamedPerVersion"/> of them not for named tokens only, or one key for both versions.</exception>
    public static KeySet Of(params IEnumerable<VerificationKey> keys)
    {
        var distinct = keys.DistinctBy(key => key.KeyId).ToList();
        ImmutableArray<VerificationKey> v2 = [.. distinct.Where(key => key.Version == TokenVersion.V2)];
        ImmutableArray<VerificationKey> v4 = [.. distinct.Where(key => key.Version == TokenVersion.V4)];
        if (v2.Length > MaxKeysPerVersion || v4.Length > MaxKeysPerVersion)
        {
            throw new ArgumentException($"A key set holds at most {MaxKeysPerVersion} keys of a version; remove retired ones.", nameof(keys));
        }

        if (v2.Count(key => !key.IsNamedOnly) > MaxUnnamedPerVersion || v4.Count(key => !key.IsNamedOnly) > MaxUnnamedPerVersion)
        {
            throw new ArgumentException($"A key set holds at most {MaxUnnamedPerVersion} keys of a version that sign tokens without a footer.", nameof(keys));
        }

        if (v2.Any(a => v4.Any(b => a.PublicKey.SequenceEqual(b.PublicKey))))
        {
            throw new ArgumentException("One key was given for v2 and for v4; each version needs its own.", nameof(keys));
        }

        return new KeySet(v2, v4);
    }

    /// <summary>The keys of one version.</summary>
    public ImmutableArray<VerificationKey> OfVersion(TokenVersion version) => version switch
    {
        TokenVersion.V2 => v2,
        TokenVersion.V4 => v4,
        _ => [],
    };

    /// <summary>Whether every key of another set is in this one, and for the same tokens.</summary>
    public bool Includes(KeySet other) => other.Keys.All(key => Find(key.Version, key.KeyIdBytes) is { } same && (!same.IsNamedOnly || key.IsNamedOnly));

    /// <summary>The key of a version with an id, or null.</summary>
    public VerificationKey? Find(TokenVersion version, ReadOnlySpan<byte> keyId)
    {
        foreach (var key in OfVersion(version))
        {
            if (keyId.SequenceEqual(key.KeyIdBytes))
            {
                return key;
            }
        }

        return null;
    }
}
