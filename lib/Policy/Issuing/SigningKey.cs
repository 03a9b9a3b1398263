namespace Strata.Policy;

/// <summary>A private key and the one token version it signs. Owns the private key: disposing erases it.</summary>
public sealed class SigningKey : IDisposable
{
    private readonly Ed25519PrivateKey privateKey;

    /// <summary>Binds a private key to a version.</summary>
    /// <param name="version">The only version it signs.</param>
    /// <param name="privateKey">Owned by this object from now on.</param>
    /// <param name="isNamedOnly">See <see cref="VerificationKey.IsNamedOnly"/>.</param>
    public SigningKey(TokenVersion version, Ed25519PrivateKey privateKey, bool isNamedOnly = false)
    {
        this.privateKey = privateKey;
        VerificationKey = new VerificationKey(version, privateKey.PublicKey, isNamedOnly);
        Footer = KeyId.ToFooter(VerificationKey.KeyId);
    }

    /// <summary>The public half, for verifiers.</summary>
    public VerificationKey VerificationKey { get; }

    /// <summary>The version it signs.</summary>
    public TokenVersion Version => VerificationKey.Version;

    internal Ed25519PrivateKey PrivateKey => privateKey;

    internal byte[] Footer { get; }

    /// <summary>Makes a new key from the system's random source.</summary>
    public static SigningKey Generate(IEd25519 provider, TokenVersion version) => new(version, provider.Generate());

    /// <summary>Makes the key that belongs to a stored seed of <see cref="IEd25519.SeedBytes"/> bytes.</summary>
    public static SigningKey FromSeed(IEd25519 provider, TokenVersion version, ReadOnlySpan<byte> seed) => new(version, provider.ImportSeed(seed));

    /// <summary>Copies the seed out, to be stored durably; the caller must erase its copy.</summary>
    public void ExportSeed(Span<byte> seed) => privateKey.ExportSeed(seed);

    /// <inheritdoc/>
    public void Dispose() => privateKey.Dispose();
}
