using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Numbers of the system calls that a child makes before its exec: x86-64 has its own, arm64 the generic ones.</summary>
internal static class CallNumbers
{
    internal const long CloseRange = 436;

    internal static long Read => Libc.IsArm64 ? 63 : 0;

    internal static long Close => Libc.IsArm64 ? 57 : 3;

    internal static long SignalAction => Libc.IsArm64 ? 134 : 13;

    internal static long SignalMask => Libc.IsArm64 ? 135 : 14;

    internal static long ChangeDirectory => Libc.IsArm64 ? 49 : 80;

    internal static long ParentPid => Libc.IsArm64 ? 173 : 110;

    internal static long NewSession => Libc.IsArm64 ? 157 : 112;

    internal static long ProcessControl => Libc.IsArm64 ? 167 : 157;

    internal static long Duplicate => Libc.IsArm64 ? 24 : 292;
}
