using System.Text.Json;
using Strata.Ipc;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Connection;

/// <summary>
/// Where the key comes from by which requests are signed, for a token that is bound to one: <c>--holder-key</c>, else
/// <c>STRATA_HOLDER_KEY_FILE</c>. Read when the first such token is sent.
/// </summary>
/// <param name="option">Value of <c>--holder-key</c>.</param>
/// <param name="around">The environment.</param>
/// <param name="warn">Told when others can read the file.</param>
internal sealed class HolderKeySource(string? option, Surroundings around, Action<string> warn)
{
    public const string Variable = "STRATA_HOLDER_KEY_FILE";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private ProofSigner? _signer;

    /// <summary>Whether anybody said where a key is.</summary>
    public bool IsGiven => Path is not null;

    private string? Path => option ?? around.NonEmpty(Variable);

    /// <summary>Signs the requests that a token goes with; null when the token is bound to no key, or no key is given.</summary>
    /// <exception cref="UsageException">The file cannot be read, holds no key, or another than the token's.</exception>
    public RequestSigner? SignerFor(string token)
    {
        if (Path is not { } path || TokenClaims.HolderKeyOf(token) is not { } bound)
        {
            return null;
        }

        _signer ??= Read(path);
        return _signer.HolderKey.Value == bound
            ? _signer.Sign
            : throw new UsageException($"the token is bound to the key {bound}, and {path} holds {_signer.HolderKey}; name the file of the token's key with --holder-key");
    }

    /// <summary>Reads a small text file.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static string ReadText(string path, string origin, Action<string>? warn = null)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            // Asked of the open file, so that it is the one read from.
            if (warn is not null && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            {
                warn($"others can read the key file {path}; run: chmod 600 {ShellQuote.Of(path)}");
            }

            var bytes = new byte[HolderKeyPem.MaxCharacters + 1];
            return System.Text.Encoding.UTF8.GetString(bytes, 0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"{origin}: cannot read {path}: {e.Message}");
        }
    }

    private ProofSigner Read(string path)
    {
        var origin = option is null ? Variable : "--holder-key";
        // The key lives as long as the program, in memory that libsodium guards.
        return HolderKeyPem.TryReadPrivate(ReadText(path, origin, warn), Ed25519Provider.Create(), out var key)
            ? new ProofSigner(key, around.Time)
            : throw new UsageException($"{origin}: {path} holds no Ed25519 key in PKCS #8 PEM; make one with: strata-ctl key new FILE");
    }
}
