namespace Strata.Hosting;

/// <summary>Where the passphrase is that locks identity's private keys: in a file that a variable names, or in a credential of the service manager.</summary>
public static class PassphraseFile
{
    /// <summary>The variable that names the file.</summary>
    public const string Variable = "STRATA_IDENTITY_PASSPHRASE_FILE";

    /// <summary>The variable that names the file with the passphrase before, while it is being changed.</summary>
    public const string PreviousVariable = "STRATA_IDENTITY_OLD_PASSPHRASE_FILE";

    /// <summary>The name of the credential, as in systemd's <c>LoadCredential=</c>.</summary>
    public const string Credential = "strata.identity-passphrase";

    private const string CredentialsVariable = "CREDENTIALS_DIRECTORY";

    /// <summary>The file's path; null when no passphrase is given.</summary>
    /// <param name="variable">Looks an environment variable up; null when unset.</param>
    public static string? Find(Func<string, string?> variable)
    {
        if (variable(Variable) is { Length: > 0 } named)
        {
            return named;
        }

        return variable(CredentialsVariable) is { Length: > 0 } directory && Path.Combine(directory, Credential) is var path && File.Exists(path) ? path : null;
    }
}
