using System.Runtime.InteropServices;

namespace Strata.Policy;

/// <summary>
/// 64 bytes of libsodium's guarded memory: outside the managed heap (never copied by the collector), locked where the
/// system allows it, and overwritten when released. As a safe handle it cannot be freed while a signature is being made.
/// </summary>
internal sealed class SodiumSecret : SafeHandle
{
    internal const int SecretKeyBytes = 64;

    public SodiumSecret()
        : base(0, ownsHandle: true)
    {
        SetHandle(SodiumNative.Allocate(SecretKeyBytes));
        if (IsInvalid)
        {
            throw new SignatureProviderException("libsodium could not allocate memory for a signing key.");
        }
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        SodiumNative.Free(handle);
        return true;
    }
}
