using System.Security.Cryptography;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>The passphrase that locks the private keys at rest, and while it is being changed the one before.</summary>
internal sealed class Passphrases : IDisposable
{
    internal const string PreviousVariable = PassphraseFile.PreviousVariable;

    /// <summary>What to do about a passphrase that is missing.</summary>
    internal const string Advice = $"name a file that holds it in {PassphraseFile.Variable}, or give it as the credential {PassphraseFile.Credential}";

    private const int OthersMask = 0x17; // 0027: a group may read it, as it may a credential of the service manager; nobody else reads or changes it.

    private Passphrases(string source, KeyPassphrase current, KeyPassphrase? previous) => (Source, Current, Previous) = (source, current, previous);

    /// <summary>Where it came from.</summary>
    internal string Source { get; }

    /// <summary>What locks.</summary>
    internal KeyPassphrase Current { get; }

    /// <summary>What may have locked before; null when none was given.</summary>
    internal KeyPassphrase? Previous { get; private set; }

    /// <summary>Reads them; null when the operator gives none.</summary>
    /// <exception cref="SettingsException">A file cannot be used; the message names it and says why.</exception>
    internal static Passphrases? From(Func<string, string?> environment)
    {
        var previous = environment(PassphraseFile.PreviousVariable) is { Length: > 0 } before ? before : null;
        if (PassphraseFile.Find(environment) is not { } path)
        {
            return previous is null ? null : throw new SettingsException($"{PassphraseFile.PreviousVariable} is set and no new passphrase is given: {Advice}");
        }

        var current = Read(path, PassphraseFile.Variable);
        try
        {
            return new Passphrases(path, current, previous is null ? null : Read(previous, PassphraseFile.PreviousVariable));
        }
        catch
        {
            current.Dispose();
            throw;
        }
    }

    /// <summary>Erases what is not needed any more once every key has been loaded.</summary>
    internal void Settle()
    {
        Current.Settle();
        Previous?.Dispose();
        Previous = null;
    }

    public void Dispose()
    {
        Current.Dispose();
        Previous?.Dispose();
    }

    private static KeyPassphrase Read(string path, string variable)
    {
        if (!Path.IsPathFullyQualified(path))
        {
            throw new SettingsException($"{variable} must be an absolute path");
        }

        var found = FileStatus.TryGetNoFollow(path, out var status);
        var fault = found < 0 ? $"cannot be read: {new LinuxException(found, "statx", path).Message}"
            : status.Kind != FileKind.Regular ? $"is not a regular file but a {status.Kind}"
            : status.Uid != UserId.Effective && status.Uid != 0 ? $"belongs to uid {status.Uid}, who knows or chose its content; it must be root's or that of uid {UserId.Effective}, which runs this"
            : (status.Mode & OthersMask) != 0 ? $"has mode {Convert.ToString(status.Mode, 8)}, so others could read or change it; run: chmod 600 '{path}'"
            : status.SizeBytes > KeyPassphrase.MaxBytes + 1 ? $"has {status.SizeBytes} bytes, more than a passphrase of {KeyPassphrase.MaxBytes} and a newline"
            : null;
        if (fault is not null)
        {
            throw new SettingsException($"the passphrase file {path} {fault}");
        }

        byte[] content = [];
        try
        {
            content = File.ReadAllBytes(path);
            ReadOnlySpan<byte> text = content;
            // An editor ends a file with a newline, which nobody means.
            text = text.EndsWith("\n"u8) ? text[..^1] : text;
            return text.Length is >= KeyPassphrase.MinBytes and <= KeyPassphrase.MaxBytes
                ? new KeyPassphrase(text)
                : throw new SettingsException($"the passphrase in {path} has {text.Length} bytes; it must have {KeyPassphrase.MinBytes} to {KeyPassphrase.MaxBytes}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"the passphrase file {path} cannot be read: {e.Message}", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(content);
        }
    }
}
