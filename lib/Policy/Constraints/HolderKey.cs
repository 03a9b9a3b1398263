using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Strata.Policy;

/// <summary>
/// The Ed25519 public key of the one who may use a capability, written as unpadded base64url of its 32 bytes: exactly 43
/// characters, one spelling a key.
/// </summary>
public sealed record HolderKey
{
    /// <summary>Length of the written form: 43 characters.</summary>
    public const int Characters = 43;

    private readonly byte[] key;

    private HolderKey(string value, byte[] key) => (Value, this.key) = (value, key);

    /// <summary>The written form.</summary>
    public string Value { get; }

    /// <summary>The key, 32 bytes.</summary>
    public ReadOnlySpan<byte> PublicKey => key;

    /// <summary>Reads a key. Another length, another spelling and keys of small order, under which anybody could sign, are refused.</summary>
    /// <param name="text">The text.</param>
    /// <param name="holderKey">The key, when the answer is true.</param>
    /// <param name="fault">What is wrong, when the answer is false.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out HolderKey? holderKey, [NotNullWhen(false)] out string? fault)
    {
        holderKey = null;
        fault = null;
        // So many characters are 32 bytes; what is not ASCII becomes a question mark, which is not base64url.
        if (text is not { Length: Characters } || !CanonicalBase64Url.TryDecode(Encoding.ASCII.GetBytes(text), out var key))
        {
            fault = $"must be an Ed25519 public key in base64url, {Characters} characters without padding";
        }
        else if (SmallOrderPoints.Contains(key))
        {
            fault = "must be a generated Ed25519 key: anybody could sign for this one";
        }
        else
        {
            holderKey = new HolderKey(text, key);
        }

        return holderKey is not null;
    }

    /// <summary>The holder key of a public key's bytes.</summary>
    /// <exception cref="ArgumentException">Not 32 bytes, or a key of small order.</exception>
    public static HolderKey Of(ReadOnlySpan<byte> publicKey) =>
        TryParse(System.Buffers.Text.Base64Url.EncodeToString(publicKey), out var key, out var fault) ? key : throw new ArgumentException(fault, nameof(publicKey));

    /// <summary>Two are the same when they are written the same.</summary>
    public bool Equals(HolderKey? other) => other is not null && string.Equals(Value, other.Value, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    /// <inheritdoc/>
    public override string ToString() => Value;
}
