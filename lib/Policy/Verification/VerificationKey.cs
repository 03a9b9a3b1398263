namespace Strata.Policy;

/// <summary>A public key and the one token version it is for.</summary>
public sealed class VerificationKey
{
    private readonly byte[] publicKey;
    private readonly byte[] keyIdBytes;

    /// <summary>Takes a public key.</summary>
    /// <param name="version">The only version it verifies: a key is never shared between versions.</param>
    /// <param name="publicKey">Exactly <see cref="IEd25519.PublicKeyBytes"/> bytes; copied.</param>
    /// <param name="isNamedOnly">See <see cref="IsNamedOnly"/>.</param>
    /// <exception cref="ArgumentException">Another length, or a key of small order, under which anybody could forge.</exception>
    public VerificationKey(TokenVersion version, ReadOnlySpan<byte> publicKey, bool isNamedOnly = false)
    {
        _ = PasetoHeader.Of(version);
        if (publicKey.Length != IEd25519.PublicKeyBytes)
        {
            throw new ArgumentException($"An Ed25519 public key is {IEd25519.PublicKeyBytes} bytes, not {publicKey.Length}.", nameof(publicKey));
        }

        if (SmallOrderPoints.Contains(publicKey))
        {
            throw new ArgumentException("This Ed25519 public key has small order: anybody could forge signatures for it. Use a generated key.", nameof(publicKey));
        }

        Version = version;
        this.publicKey = publicKey.ToArray();
        IsNamedOnly = isNamedOnly;
        KeyId = Policy.KeyId.Of(version, publicKey);
        keyIdBytes = System.Text.Encoding.ASCII.GetBytes(KeyId);
    }

    /// <summary>The version it verifies.</summary>
    public TokenVersion Version { get; }

    /// <summary>Its id, derived from version and key; see <see cref="Policy.KeyId"/>.</summary>
    public string KeyId { get; }

    /// <summary>
    /// Whether it has signed only tokens whose footer names it, so that a token without a footer is not tried against it. False for
    /// keys of a time when tokens had no footer.
    /// </summary>
    public bool IsNamedOnly { get; }

    internal ReadOnlySpan<byte> KeyIdBytes => keyIdBytes;

    /// <summary>The key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => publicKey;
}
