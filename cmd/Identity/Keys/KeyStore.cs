using System.Globalization;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Keeps the roll of keys and, in a <see cref="SeedFile"/> each, the private halves of those that sign or are to. What the roll does not
/// name is no key of the node, so a private half is written before the roll names it and erased after the roll has ceased to.
/// </summary>
/// <param name="directory">Where they are.</param>
/// <param name="provider">Makes and checks them.</param>
/// <param name="passphrases">What locks them at rest; null leaves them plain.</param>
internal sealed class KeyStore(IdentityDirectory directory, IEd25519 provider, Passphrases? passphrases = null)
{
    private const string Consequence = "that would end every capability issued so far";

    /// <summary>Loads the keys; makes those of a new node. A rotation that a crash interrupted before the new key signed is undone.</summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="provider">Makes and checks them.</param>
    /// <param name="isNewNode">Whether nothing was ever served from this directory, so that a missing key may be made.</param>
    /// <param name="now">The time.</param>
    /// <param name="longestTtl">No capability of this node lives longer.</param>
    /// <param name="passphrases">What locks them at rest.</param>
    /// <exception cref="SettingsException">A key is damaged, foreign, lost or locked.</exception>
    internal static KeyRing Load(
        IdentityDirectory directory, IEd25519 provider, bool isNewNode, DateTimeOffset now, TimeSpan longestTtl, Passphrases? passphrases = null)
    {
        var store = new KeyStore(directory, provider, passphrases);
        var stored = store.ReadRoll();
        if (stored is null && !isNewNode && NodeMarker.HasRotated(directory))
        {
            throw new SettingsException($"{Path.Combine(directory.Path, KeyRollFile.Name)} is missing though the keys of this node have been rotated; restore it from a backup: {Consequence}");
        }

        var roll = (stored ?? store.First(isNewNode, now)).Abandon().Retire(now);
        var v2 = store.LoadActive(roll, TokenVersion.V2);
        try
        {
            // What an earlier run has signed is not known one by one; nothing of it lives longer than this.
            var signed = isNewNode ? DateTimeOffset.MinValue : now + longestTtl;
            var ring = new KeyRing(roll, v2, store.LoadActive(roll, TokenVersion.V4), signed);
            if (roll != stored)
            {
                store.Save(roll);
            }

            store.EraseAllBut(roll);
            return ring;
        }
        catch
        {
            v2.Dispose();
            throw;
        }
    }

    internal static string FileNameOf(TokenVersion version, int serial = 1)
    {
        var first = version == TokenVersion.V4 ? "key-v4" : "key-v2";
        return serial == 1 ? first : string.Create(CultureInfo.InvariantCulture, $"{first}.{serial}");
    }

    /// <summary>Makes a key and stores its private half; it is no key of the node before the roll names it.</summary>
    /// <exception cref="LinuxException">It could not be stored.</exception>
    internal SigningKey Create(TokenVersion version, int serial) =>
        new(version, FileOf(version, serial).Create(directory, provider), isNamedOnly: true);

    /// <summary>Stores the roll, durably before it returns.</summary>
    /// <exception cref="LinuxException">It could not be stored; the old one may stand.</exception>
    internal void Save(KeyRoll roll) => directory.Replace(KeyRollFile.Name, KeyRollFile.Encode(roll));

    /// <summary>Says on disk that from now on the roll is needed: an earlier version of this program must not take the first keys for all there are.</summary>
    /// <exception cref="LinuxException">It could not be stored.</exception>
    internal void MarkRotated() => NodeMarker.SetRotated(directory);

    /// <summary>Erases every private half but those of the keys that sign or are to.</summary>
    /// <exception cref="LinuxException">One is still there.</exception>
    internal void EraseAllBut(KeyRoll roll)
    {
        var kept = roll.Keys.Where(e => e.State != KeyState.Retiring).Select(e => FileNameOf(e.Version, e.Serial)).ToHashSet(StringComparer.Ordinal);
        foreach (var name in directory.Names().Where(name => IsSeed(name) && !kept.Contains(name)))
        {
            directory.Erase(name);
        }
    }

    private static bool IsSeed(string name) => new[] { FileNameOf(TokenVersion.V2), FileNameOf(TokenVersion.V4) }
        .Any(first => name == first || (name.StartsWith(first + ".", StringComparison.Ordinal) && !name.AsSpan(first.Length + 1).ContainsAnyExceptInRange('0', '9')));

    private SeedFile FileOf(TokenVersion version, int serial) =>
        new(FileNameOf(version, serial), version == TokenVersion.V4 ? "strata-key 1 v4" : "strata-key 1 v2", version, passphrases);

    private KeyRoll? ReadRoll() => directory.TryRead(KeyRollFile.Name, KeyRollFile.MaxBytes) is { } content
        ? KeyRollFile.Parse(content) ?? throw new SettingsException(
            $"{Path.Combine(directory.Path, KeyRollFile.Name)} is damaged; restore it from a backup. It was not made anew: {Consequence}")
        : null;

    /// <summary>The roll of a node that has none: it is new, or an earlier version made its keys, whose tokens had no footer.</summary>
    private KeyRoll First(bool isNewNode, DateTimeOffset now) => KeyRoll.TryOf(new[] { TokenVersion.V2, TokenVersion.V4 }.Select(version =>
    {
        using var key = FileOf(version, 1).TryLoad(directory, provider, Consequence) ?? (isNewNode ? FileOf(version, 1).Create(directory, provider) : throw Missing(version, 1));
        var made = isNewNode ? now : directory.WrittenAt(FileNameOf(version)) ?? now;
        return new KeyEntry(new VerificationKey(version, key.PublicKey, isNamedOnly: isNewNode), 1, KeyState.Active, DateTimeOffset.FromUnixTimeSeconds(made.ToUnixTimeSeconds()));
    })) ?? throw new SettingsException($"the keys in {directory.Path} are one and the same; restore them from a backup");

    private SigningKey LoadActive(KeyRoll roll, TokenVersion version)
    {
        var entry = roll.Active(version);
        var key = FileOf(version, entry.Serial).TryLoad(directory, provider, Consequence) ?? throw Missing(version, entry.Serial);
        if (key.PublicKey.SequenceEqual(entry.Key.PublicKey))
        {
            return new SigningKey(version, key, entry.Key.IsNamedOnly);
        }

        key.Dispose();
        throw new SettingsException(
            $"{Path.Combine(directory.Path, FileNameOf(version, entry.Serial))} holds another key than {KeyRollFile.Name} says; restore both from one backup");
    }

    private SettingsException Missing(TokenVersion version, int serial) => new(
        $"{Path.Combine(directory.Path, FileNameOf(version, serial))} is missing though this node has had keys; restore it from a backup. "
        + $"To begin anew, with every capability issued so far void, remove {directory.Path}");
}
