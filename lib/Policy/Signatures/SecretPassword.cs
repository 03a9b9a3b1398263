using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Strata.Policy;

/// <summary>
/// A private key that a passphrase locks, as the PASERK specification writes it: <c>k2.secret-pw.</c> or <c>k4.secret-pw.</c>, then in base64url salt,
/// memory, passes, lanes, nonce, encrypted key and tag. Argon2id makes a key of the passphrase, XChaCha20 encrypts and BLAKE2b seals. By libsodium.
/// </summary>
internal static unsafe class SecretPassword
{
    internal const int SaltBytes = 16;
    internal const int PreKeyBytes = 32;
    internal const int SecretBytes = IEd25519.SeedBytes + IEd25519.PublicKeyBytes;

    /// <summary>The most memory and passes that a file may ask for: whoever writes one must not choose what a start costs.</summary>
    internal const long MaxMemoryBytes = 256L * 1024 * 1024;
    internal const uint MaxPasses = 10;

    private const int NonceBytes = 24;
    private const int TagBytes = 32;
    private const int CostAt = SaltBytes;
    private const int NonceAt = CostAt + 8 + 4 + 4;
    private const int SecretAt = NonceAt + NonceBytes;
    private const int TagAt = SecretAt + SecretBytes;
    private const int Bytes = TagAt + TagBytes;
    private const int Argon2id = 2;

    /// <summary>Length of a locked key as text.</summary>
    internal const int Chars = 13 + (((Bytes * 4) + 2) / 3);

    /// <summary>What a locked key was made with; null when the text is not one of this version, or asks for too much.</summary>
    internal static (byte[] Salt, PasswordCost Cost)? Describe(TokenVersion version, string text) => Decode(version, text) is not { } bytes ? null
        : (bytes[..SaltBytes], new PasswordCost((long)BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(CostAt)), BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(CostAt + 8))));

    /// <summary>Makes a key of a passphrase; this is what costs time and memory.</summary>
    /// <exception cref="SignatureProviderException">There is not enough memory.</exception>
    internal static void Derive(ReadOnlySpan<byte> passphrase, ReadOnlySpan<byte> salt, PasswordCost cost, Span<byte> preKey)
    {
        SodiumEd25519.RequireLibrary();
        fixed (byte* to = preKey, from = passphrase, by = salt)
        {
            if (SodiumNative.PasswordHash(to, PreKeyBytes, from, (ulong)passphrase.Length, by, cost.Passes, (nuint)cost.MemoryBytes, Argon2id) != 0)
            {
                throw new SignatureProviderException($"libsodium could not make a key of the passphrase: it needs {cost.MemoryBytes} bytes of memory for that");
            }
        }
    }

    /// <summary>Locks a key.</summary>
    /// <param name="version">Whose key it is.</param>
    /// <param name="secret">Seed and public key.</param>
    /// <param name="salt">What <paramref name="preKey"/> was derived with.</param>
    /// <param name="cost">The same.</param>
    /// <param name="preKey">From <see cref="Derive"/>.</param>
    internal static string Lock(TokenVersion version, ReadOnlySpan<byte> secret, ReadOnlySpan<byte> salt, PasswordCost cost, ReadOnlySpan<byte> preKey)
    {
        var bytes = new byte[Bytes];
        salt.CopyTo(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(CostAt), (ulong)cost.MemoryBytes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CostAt + 8), cost.Passes);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(CostAt + 12), 1);
        SodiumEd25519.FillRandom(bytes.AsSpan(NonceAt, NonceBytes));
        Stream(secret, bytes.AsSpan(NonceAt, NonceBytes), preKey, bytes.AsSpan(SecretAt, SecretBytes));
        Seal(version, bytes, preKey, bytes.AsSpan(TagAt));
        return HeaderOf(version) + Base64Url.EncodeToString(bytes);
    }

    /// <summary>Unlocks a key; false when the passphrase is another one or the text was altered, and nothing is written then.</summary>
    internal static bool TryUnlock(TokenVersion version, string text, ReadOnlySpan<byte> preKey, Span<byte> secret)
    {
        if (Decode(version, text) is not { } bytes)
        {
            return false;
        }

        Span<byte> tag = stackalloc byte[TagBytes];
        Seal(version, bytes, preKey, tag);
        if (!CryptographicOperations.FixedTimeEquals(tag, bytes.AsSpan(TagAt)))
        {
            return false;
        }

        Stream(bytes.AsSpan(SecretAt, SecretBytes), bytes.AsSpan(NonceAt, NonceBytes), preKey, secret);
        return true;
    }

    private static string HeaderOf(TokenVersion version) => version == TokenVersion.V2 ? "k2.secret-pw." : "k4.secret-pw.";

    private static byte[]? Decode(TokenVersion version, string text)
    {
        var header = HeaderOf(version);
        if (text.Length != Chars || !text.StartsWith(header, StringComparison.Ordinal)
            || !CanonicalBase64Url.TryDecode(Encoding.ASCII.GetBytes(text[header.Length..]), out var bytes))
        {
            return null;
        }

        var memory = BinaryPrimitives.ReadUInt64BigEndian(bytes.AsSpan(CostAt));
        var passes = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(CostAt + 8));
        var lanes = BinaryPrimitives.ReadUInt32BigEndian(bytes.AsSpan(CostAt + 12));
        return memory is >= 8192 and <= (ulong)MaxMemoryBytes && passes is >= 1 and <= MaxPasses && lanes == 1 ? bytes : null;
    }

    private static void Stream(ReadOnlySpan<byte> message, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> preKey, Span<byte> result)
    {
        Span<byte> key = stackalloc byte[PreKeyBytes];
        Half(0xFF, preKey, key);
        fixed (byte* to = result, from = message, with = nonce, by = key)
        {
            _ = SodiumNative.StreamXor(to, from, (ulong)message.Length, with, by);
        }

        CryptographicOperations.ZeroMemory(key);
    }

    private static void Seal(TokenVersion version, ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> preKey, Span<byte> tag)
    {
        Span<byte> key = stackalloc byte[PreKeyBytes];
        Half(0xFE, preKey, key);
        Blake2b.Hash([.. Encoding.ASCII.GetBytes(HeaderOf(version)), .. bytes[..TagAt]], tag, key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>One of the two keys that come of a pre-key.</summary>
    private static void Half(byte which, ReadOnlySpan<byte> preKey, Span<byte> key)
    {
        Span<byte> message = stackalloc byte[1 + PreKeyBytes];
        message[0] = which;
        preKey.CopyTo(message[1..]);
        Blake2b.Hash(message, key);
        CryptographicOperations.ZeroMemory(message);
    }
}
