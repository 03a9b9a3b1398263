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

    internal static long Kill => Libc.IsArm64 ? 129 : 62;

    internal static long NewSession => Libc.IsArm64 ? 157 : 112;

    internal static long ProcessControl => Libc.IsArm64 ? 167 : 157;

    internal static long Duplicate => Libc.IsArm64 ? 24 : 292;

    internal const long OpenTree = 428;

    internal const long MoveMount = 429;

    internal const long SetMountAttributes = 442;

    internal static long Write => Libc.IsArm64 ? 64 : 1;

    internal static long Open => Libc.IsArm64 ? 56 : 257;

    internal static long SendMessage => Libc.IsArm64 ? 211 : 46;

    internal static long ChangeOwner => Libc.IsArm64 ? 54 : 260;

    internal static long MakeDirectory => Libc.IsArm64 ? 34 : 258;

    internal static long Unshare => Libc.IsArm64 ? 97 : 272;

    internal static long EnterNamespace => Libc.IsArm64 ? 268 : 308;

    internal static long Mount => Libc.IsArm64 ? 40 : 165;

    internal static long Clone => Libc.IsArm64 ? 220 : 56;

    internal static long Control => Libc.IsArm64 ? 29 : 16;

    internal static long Limit => Libc.IsArm64 ? 261 : 302;

    internal static long CreationMask => Libc.IsArm64 ? 166 : 95;

    internal static long Socket => Libc.IsArm64 ? 198 : 41;

    internal static long EndProcess => Libc.IsArm64 ? 94 : 231;
}
