namespace Strata.Policy;

/// <summary>SHA-256 of content that comes in pieces, by libsodium. Not for several threads at once.</summary>
public sealed unsafe class Sha256Hash
{
    /// <summary>Bytes of the result.</summary>
    public const int Bytes = 32;

    // crypto_hash_sha256_state: eight words, a count and a block.
    private readonly byte[] _state = GC.AllocateArray<byte>(104, pinned: true);

    /// <summary>Begins.</summary>
    /// <exception cref="SignatureProviderException">The library is missing; the message names the package.</exception>
    public Sha256Hash()
    {
        SodiumEd25519.RequireLibrary();
        fixed (byte* state = _state)
        {
            _ = SodiumNative.Sha256Init(state);
        }
    }

    /// <summary>The hash of what is there as a whole.</summary>
    /// <param name="content">Any length.</param>
    /// <param name="hash">Exactly <see cref="Bytes"/> bytes, written in full.</param>
    /// <exception cref="ArgumentException">The buffer has another length.</exception>
    public static void Of(ReadOnlySpan<byte> content, Span<byte> hash)
    {
        if (hash.Length != Bytes)
        {
            throw new ArgumentException($"A SHA-256 hash is exactly {Bytes} bytes, not {hash.Length}.", nameof(hash));
        }

        fixed (byte* result = hash)
        fixed (byte* bytes = content)
        {
            _ = SodiumNative.Sha256(result, bytes, (ulong)content.Length);
        }
    }

    /// <summary>Adds a piece.</summary>
    public void Append(ReadOnlySpan<byte> piece)
    {
        fixed (byte* state = _state)
        fixed (byte* bytes = piece)
        {
            _ = SodiumNative.Sha256Update(state, bytes, (ulong)piece.Length);
        }
    }

    /// <summary>Ends and gives the result as lower-case hex.</summary>
    public string Finish()
    {
        Span<byte> hash = stackalloc byte[Bytes];
        fixed (byte* state = _state)
        fixed (byte* result = hash)
        {
            _ = SodiumNative.Sha256Final(state, result);
        }

        return Convert.ToHexStringLower(hash);
    }
}
