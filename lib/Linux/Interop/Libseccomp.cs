using System.Runtime.InteropServices;

namespace Strata.Linux.Interop;

// Names here are the library's own.
#pragma warning disable IDE1006
/// <summary>libseccomp, looked for beside the program and then where the system looks. It knows every architecture's system calls by name. Results are 0 or a negated error number.</summary>
internal static unsafe partial class Libseccomp
{
    private const string Library = "libseccomp.so.2";

    internal const uint Allow = 0x7fff0000;
    internal const int NoSuchCall = -1;
    internal const int NotEqual = 1;
    internal const int MaskedEqual = 7;

    /// <summary>struct scmp_arg_cmp: which argument, how compared, with what.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Comparison
    {
        internal uint Argument;
        internal int Operator;
        internal ulong A;
        internal ulong B;
    }

    /// <summary>struct scmp_version.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Release
    {
        internal uint Major;
        internal uint Minor;
        internal uint Micro;
    }

    /// <summary>The action that makes a call fail with an error number.</summary>
    internal static uint Fail(int errno) => 0x00050000u | (uint)errno;

    /// <summary>An empty filter for the native architecture, null without memory; other architectures' calls kill.</summary>
    [LibraryImport(Library)]
    internal static partial void* seccomp_init(uint action);

    /// <summary>The library's own version, in static memory.</summary>
    [LibraryImport(Library)]
    internal static partial Release* seccomp_version();

    /// <summary>Frees it.</summary>
    [LibraryImport(Library)]
    internal static partial void seccomp_release(void* filter);

    /// <summary>A call's number by name; negative when this architecture has none.</summary>
    [LibraryImport(Library)]
    internal static partial int seccomp_syscall_resolve_name(byte* name);

    /// <summary>A call's name by number, for the native architecture by 0; null when it is unknown. The caller frees it.</summary>
    [LibraryImport(Library)]
    internal static partial byte* seccomp_syscall_resolve_num_arch(uint architecture, int number);

    /// <summary>Adds a rule with so many comparisons.</summary>
    [LibraryImport(Library)]
    internal static partial int seccomp_rule_add_array(void* filter, uint action, int call, uint count, Comparison* comparisons);

    /// <summary>Writes the filter's instructions to a descriptor.</summary>
    [LibraryImport(Library)]
    internal static partial int seccomp_export_bpf(void* filter, int descriptor);
}
