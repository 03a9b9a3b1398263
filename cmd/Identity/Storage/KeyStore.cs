using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>Keeps the signing keys: one <see cref="SeedFile"/> a token version.</summary>
internal static class KeyStore
{
    /// <summary>Loads the keys; makes those of a new node.</summary>
    /// <param name="directory">Where they are.</param>
    /// <param name="provider">Makes and checks them.</param>
    /// <param name="isNewNode">Whether nothing was ever served from this directory, so that a missing key may be made.</param>
    /// <exception cref="SettingsException">A key is damaged, foreign or lost.</exception>
    internal static KeyRing Load(IdentityDirectory directory, IEd25519 provider, bool isNewNode)
    {
        var v2 = LoadOne(directory, provider, TokenVersion.V2, isNewNode);
        try
        {
            return new KeyRing(v2, LoadOne(directory, provider, TokenVersion.V4, isNewNode));
        }
        catch
        {
            v2.Dispose();
            throw;
        }
    }

    internal static string FileNameOf(TokenVersion version) => version == TokenVersion.V4 ? "key-v4" : "key-v2";

    private static SigningKey LoadOne(IdentityDirectory directory, IEd25519 provider, TokenVersion version, bool isNewNode)
    {
        var name = FileNameOf(version);
        var file = new SeedFile(name, version == TokenVersion.V4 ? "strata-key 1 v4" : "strata-key 1 v2");
        if (file.TryLoad(directory, provider, "that would end every capability issued so far") is { } key)
        {
            return new SigningKey(version, key);
        }

        if (!isNewNode)
        {
            throw new SettingsException(
                $"{Path.Combine(directory.Path, name)} is missing though this node has had keys; restore it from a backup. "
                + $"To begin anew, with every capability issued so far void, remove {directory.Path}");
        }

        return new SigningKey(version, file.Create(directory, provider));
    }
}
