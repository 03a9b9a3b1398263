using System.Reflection;
using System.Runtime.InteropServices;

namespace Strata.Policy;

/// <summary>
/// The libsodium functions in use. All but <c>sodium_init</c> are thread-safe without locking, and none keeps a pointer
/// after it returns.
/// </summary>
internal static unsafe partial class SodiumNative
{
    private const string Library = "libsodium";

    /// <summary>The names to try, in order: Debian 12's, the one of libsodium 1.0.19 and later, the development link.</summary>
    private static readonly string[] Candidates = ["libsodium.so.23", "libsodium.so.26", "libsodium.so"];

    private static string? _loadedFrom;

    static SodiumNative() => NativeLibrary.SetDllImportResolver(typeof(SodiumNative).Assembly, Resolve);

    /// <summary>What the library was loaded as: a path beside the program, or a name that the system found; null before that.</summary>
    internal static string? LoadedFrom => Volatile.Read(ref _loadedFrom);

    /// <summary>Where the library is looked for, in order: beside the program, as a package that brings it along has it, and then where the system looks.</summary>
    internal static IEnumerable<string> Places(string programDirectory) => [.. Candidates.Select(name => Path.Combine(programDirectory, name)), .. Candidates];

    /// <summary>Contract: 0 the first time, 1 when already done, -1 on failure. Idempotent and thread-safe.</summary>
    [LibraryImport(Library, EntryPoint = "sodium_init")]
    internal static partial int Init();

    /// <summary>Contract: a static, NUL-terminated ASCII string.</summary>
    [LibraryImport(Library, EntryPoint = "sodium_version_string")]
    internal static partial byte* VersionString();

    /// <summary>Contract: guarded, locked memory of <paramref name="size"/> bytes, or null; freed with <see cref="Free"/> only.</summary>
    [LibraryImport(Library, EntryPoint = "sodium_malloc")]
    internal static partial nint Allocate(nuint size);

    /// <summary>Contract: overwrites the memory before it is given back; null is allowed.</summary>
    [LibraryImport(Library, EntryPoint = "sodium_free")]
    internal static partial void Free(nint pointer);

    /// <summary>Contract: reads 32 bytes of seed, writes 32 bytes of public and 64 bytes of secret key; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_sign_seed_keypair")]
    internal static partial int SeedKeyPair(byte* publicKey, SodiumSecret secretKey, byte* seed);

    /// <summary>Contract: copies the first 32 bytes (the seed) of a 64-byte secret key; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_sign_ed25519_sk_to_seed")]
    internal static partial int SecretKeyToSeed(byte* seed, SodiumSecret secretKey);

    /// <summary>Contract: writes 64 bytes of signature; the length pointer may be null; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_sign_detached")]
    internal static partial int SignDetached(byte* signature, ulong* signatureLength, byte* message, ulong length, SodiumSecret secretKey);

    /// <summary>Contract: reads 64, <paramref name="length"/> and 32 bytes; 0 when the signature is valid, else -1.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_sign_verify_detached")]
    internal static partial int VerifyDetached(byte* signature, byte* message, ulong length, byte* publicKey);

    /// <summary>Contract: fills the memory from the kernel's generator; ends the process rather than return without.</summary>
    [LibraryImport(Library, EntryPoint = "randombytes_buf")]
    internal static partial void RandomBytes(byte* bytes, nuint count);

    /// <summary>Contract: fills 104 bytes of state; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_hash_sha256_init")]
    internal static partial int Sha256Init(byte* state);

    /// <summary>Contract: reads <paramref name="length"/> bytes and changes the state; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_hash_sha256_update")]
    internal static partial int Sha256Update(byte* state, byte* bytes, ulong length);

    /// <summary>Contract: writes 32 bytes and erases the state; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_hash_sha256_final")]
    internal static partial int Sha256Final(byte* state, byte* hash);

    /// <summary>Contract: reads the message and the key (null when its length is 0), writes <paramref name="hashLength"/> bytes; -1 for unusable lengths.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_generichash")]
    internal static partial int GenericHash(byte* hash, nuint hashLength, byte* message, ulong length, byte* key, nuint keyLength);

    /// <summary>Contract: writes <paramref name="keyLength"/> bytes derived from the passphrase and 16 bytes of salt; -1 when memory is short or a cost is unusable.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_pwhash")]
    internal static partial int PasswordHash(byte* key, ulong keyLength, byte* passphrase, ulong length, byte* salt, ulong passes, nuint memoryBytes, int algorithm);

    /// <summary>Contract: reads <paramref name="length"/>, 24 and 32 bytes and writes <paramref name="length"/>; the two may be the same; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_stream_xchacha20_xor")]
    internal static partial int StreamXor(byte* result, byte* message, ulong length, byte* nonce, byte* key);

    /// <summary>Contract: writes 32 bytes, reads <paramref name="length"/>; returns 0.</summary>
    [LibraryImport(Library, EntryPoint = "crypto_hash_sha256")]
    internal static partial int Sha256(byte* hash, byte* bytes, ulong length);

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        foreach (var place in Places(AppContext.BaseDirectory))
        {
            if (NativeLibrary.TryLoad(place, out var handle))
            {
                Volatile.Write(ref _loadedFrom, place);
                return handle;
            }
        }

        return 0;
    }
}
