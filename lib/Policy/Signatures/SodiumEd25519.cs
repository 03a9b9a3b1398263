using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace Strata.Policy;

/// <summary>
/// Ed25519 by libsodium (apt package <c>libsodium23</c>), which refuses malleated signatures and keys of small order by itself.
/// </summary>
public sealed unsafe class SodiumEd25519 : IEd25519
{
    /// <summary>Loads and initialises the library.</summary>
    /// <exception cref="SignatureProviderException">The library is missing or does not start.</exception>
    public SodiumEd25519()
    {
        RequireLibrary();
        Name = "libsodium " + Marshal.PtrToStringUTF8((nint)SodiumNative.VersionString());
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Loads and initialises the library; the first call does, and the others cost next to nothing.</summary>
    /// <exception cref="SignatureProviderException">The library is missing or does not start.</exception>
    internal static void RequireLibrary()
    {
        try
        {
            if (SodiumNative.Init() < 0)
            {
                throw new SignatureProviderException("libsodium was found but refuses to start (sodium_init failed).");
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException or BadImageFormatException)
        {
            throw new SignatureProviderException(
                "libsodium is missing; it makes and checks the signatures of capability tokens. "
                + "Install it with: apt-get install libsodium23 (libsodium.so.23 or libsodium.so.26 is looked for, beside the program and then in the system).",
                e);
        }
    }

    /// <summary>Fills memory from the system's random source.</summary>
    /// <exception cref="SignatureProviderException">The library is missing or does not start.</exception>
    internal static void FillRandom(Span<byte> bytes)
    {
        RequireLibrary();
        fixed (byte* pointer = bytes)
        {
            SodiumNative.RandomBytes(pointer, (nuint)bytes.Length);
        }
    }

    /// <inheritdoc/>
    public Ed25519PrivateKey ImportSeed(ReadOnlySpan<byte> seed) => SodiumPrivateKey.FromSeed(seed);

    /// <inheritdoc/>
    public Ed25519PrivateKey Generate()
    {
        Span<byte> seed = stackalloc byte[IEd25519.SeedBytes];
        try
        {
            FillRandom(seed);
            return SodiumPrivateKey.FromSeed(seed);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(seed);
        }
    }

    /// <inheritdoc/>
    public bool Verify(ReadOnlySpan<byte> publicKey, ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature)
    {
        // The native side reads fixed lengths: a short span must never reach it.
        if (publicKey.Length != IEd25519.PublicKeyBytes || signature.Length != IEd25519.SignatureBytes)
        {
            return false;
        }

        fixed (byte* keyPointer = publicKey, messagePointer = message, signaturePointer = signature)
        {
            return SodiumNative.VerifyDetached(signaturePointer, messagePointer, (ulong)message.Length, keyPointer) == 0;
        }
    }
}
