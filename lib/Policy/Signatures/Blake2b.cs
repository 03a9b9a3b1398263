namespace Strata.Policy;

/// <summary>BLAKE2b with a result of any length from 16 to 64 bytes, by libsodium (<c>crypto_generichash</c>).</summary>
internal static unsafe class Blake2b
{
    /// <summary>Hashes a message.</summary>
    /// <param name="message">What to hash.</param>
    /// <param name="hash">Filled; its length is part of what is computed.</param>
    /// <param name="key">Makes it a code that only holders of the key can compute; none when empty.</param>
    /// <exception cref="SignatureProviderException">The library is missing; the message names the package.</exception>
    internal static void Hash(ReadOnlySpan<byte> message, Span<byte> hash, ReadOnlySpan<byte> key = default)
    {
        SodiumEd25519.RequireLibrary();
        fixed (byte* to = hash, from = message, by = key)
        {
            if (SodiumNative.GenericHash(to, (nuint)hash.Length, from, (ulong)message.Length, by, (nuint)key.Length) != 0)
            {
                throw new ArgumentException($"BLAKE2b gives 16 to 64 bytes and takes a key of at most 64, not {hash.Length} and {key.Length}.", nameof(hash));
            }
        }
    }
}
