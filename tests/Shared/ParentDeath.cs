using System.Runtime.InteropServices;

namespace Strata.Tests;

/// <summary>Makes a helper process of a test end with the one that started it, however that ends.</summary>
internal static partial class ParentDeath
{
    private const int SetDeathSignal = 1; // PR_SET_PDEATHSIG

    /// <summary>Asks for a signal at the parent's death, then checks that the parent is still the expected one: it may have died before the asking. On the main thread, whose wish it is.</summary>
    /// <returns>False when the parent is gone already: the caller must end by itself.</returns>
    internal static bool Arm(int expectedParentPid, int signal)
    {
        Assert.Equal(0, Control(SetDeathSignal, (nuint)signal, 0, 0, 0));
        return Parent() == expectedParentPid;
    }

    [LibraryImport("libc", EntryPoint = "prctl")]
    private static partial int Control(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int Parent();
}
