using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>The key that seals audit logs: made once, used for nothing else.</summary>
internal static class AuditKey
{
    internal const string FileName = "key-audit";

    /// <summary>Loads it, or makes it where nothing was ever sealed.</summary>
    /// <exception cref="SettingsException">It is damaged, foreign, lost or locked.</exception>
    internal static Ed25519PrivateKey Load(IdentityDirectory directory, IEd25519 provider, SealRegister register, Passphrases? passphrases = null)
    {
        var file = new SeedFile(FileName, "strata-audit-key 1", TokenVersion.V4, passphrases);
        if (file.TryLoad(directory, provider, "what it has sealed so far could not be verified any more") is { } key)
        {
            return key;
        }

        return register.Logs.Count == 0 ? file.Create(directory, provider) : throw new SettingsException(
            $"{Path.Combine(directory.Path, FileName)} is missing though audit logs were sealed with it; restore it from a backup. "
            + $"To begin anew, move the audit directory away and remove {Path.Combine(directory.Path, SealRegister.FileName)}");
    }
}
