using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

/// <summary>Flags of open(2). Four of them have other values on arm64 than on x86-64.</summary>
internal static partial class Libc
{
    internal static readonly bool IsArm64 = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    internal const int O_RDONLY = 0;
    internal const int O_WRONLY = 1;
    internal const int O_RDWR = 2;
    internal const int O_CREAT = 0x40;
    internal const int O_EXCL = 0x80;
    internal const int O_NOCTTY = 0x100;
    internal const int O_TRUNC = 0x200;
    internal const int O_APPEND = 0x400;
    internal const int O_NONBLOCK = 0x800;
    internal const int O_CLOEXEC = 0x80000;
    internal const int O_PATH = 0x200000;

    internal static int O_DIRECTORY => IsArm64 ? 0x4000 : 0x10000;

    internal static int O_NOFOLLOW => IsArm64 ? 0x8000 : 0x20000;

    internal static int O_DIRECT => IsArm64 ? 0x10000 : 0x4000;
}
