using System.Runtime.InteropServices;

namespace Strata.StrataCtl.Doctor;

/// <summary>What only the kernel can be asked: who owns a file, who we are, which Landlock there is.</summary>
internal static unsafe partial class HostCalls
{
    private const int CurrentDirectory = -100;
    private const uint WantUid = 0x8;
    private const int StatxBytes = 256;
    private const int UidOffset = 20;
    private const nint LandlockCreateRuleset = 444;
    private const nint LandlockVersionFlag = 1;

    public static uint EffectiveUid => GetEffectiveUid();

    /// <summary>The owner of a file, links followed; null when it cannot be asked.</summary>
    public static uint? OwnerOf(string path)
    {
        var buffer = stackalloc byte[StatxBytes];
        return Statx(CurrentDirectory, path, 0, WantUid, buffer) == 0 ? *(uint*)(buffer + UidOffset) : null;
    }

    /// <summary>The version of Landlock's interface; null when the kernel has none or it is not enabled.</summary>
    public static int? LandlockVersion()
    {
        var version = SystemCall(LandlockCreateRuleset, 0, 0, LandlockVersionFlag);
        return version > 0 ? (int)version : null;
    }

    /// <summary>Contract: never fails.</summary>
    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUid();

    /// <summary>Contract: writes one 256-byte <c>struct statx</c>, whose layout the kernel never changes; 0 or -1.</summary>
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Statx(int directory, string path, int flags, uint mask, byte* result);

    /// <summary>Contract: with a null attribute, size 0 and the version flag, only returns a number; the same number on all architectures.</summary>
    [LibraryImport("libc", EntryPoint = "syscall")]
    private static partial nint SystemCall(nint number, nint attributes, nint size, nint flags);
}
