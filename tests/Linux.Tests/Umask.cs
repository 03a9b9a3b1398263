using System.Runtime.InteropServices;

namespace Strata.Linux.Tests;

internal static partial class Umask
{
    [LibraryImport("libc", EntryPoint = "umask")]
    internal static partial uint Set(uint mask);
}

/// <summary>The umask belongs to the whole process: tests that change it run alone.</summary>
[CollectionDefinition(nameof(ProcessWideState), DisableParallelization = true)]
public sealed class ProcessWideState;
