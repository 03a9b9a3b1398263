namespace Strata.Policy;

/// <summary>
/// A private key, held where the provider keeps secrets. Dispose erases it; signing afterwards throws
/// <see cref="ObjectDisposedException"/>. Safe to use from many threads.
/// </summary>
public abstract class Ed25519PrivateKey : IDisposable
{
    private readonly byte[] publicKey;

    /// <summary>Remembers the public half.</summary>
    /// <param name="publicKey">Exactly <see cref="IEd25519.PublicKeyBytes"/> bytes; copied.</param>
    protected Ed25519PrivateKey(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != IEd25519.PublicKeyBytes)
        {
            throw new ArgumentException($"An Ed25519 public key is {IEd25519.PublicKeyBytes} bytes, not {publicKey.Length}.", nameof(publicKey));
        }

        this.publicKey = publicKey.ToArray();
    }

    /// <summary>The public half, <see cref="IEd25519.PublicKeyBytes"/> bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;

    /// <summary>Signs a message; deterministic, as RFC 8032 defines.</summary>
    /// <param name="message">Any length.</param>
    /// <param name="signature">Exactly <see cref="IEd25519.SignatureBytes"/> bytes, written in full.</param>
    /// <exception cref="ArgumentException">The signature buffer has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public abstract void Sign(ReadOnlySpan<byte> message, Span<byte> signature);

    /// <summary>Copies the seed out, to be stored durably. The caller must erase its copy.</summary>
    /// <param name="seed">Exactly <see cref="IEd25519.SeedBytes"/> bytes, written in full.</param>
    /// <exception cref="ArgumentException">The buffer has another length.</exception>
    /// <exception cref="ObjectDisposedException">The key was erased.</exception>
    public abstract void ExportSeed(Span<byte> seed);

    /// <summary>Erases the key.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Erases the key; the overriding provider owns the secret.</summary>
    protected abstract void Dispose(bool disposing);

    /// <summary>Refuses a buffer of the wrong length, so that a provider never writes past or short of it.</summary>
    protected static void RequireLength(int actual, int expected, string what)
    {
        if (actual != expected)
        {
            throw new ArgumentException($"{what} must be exactly {expected} bytes, not {actual}.");
        }
    }
}
