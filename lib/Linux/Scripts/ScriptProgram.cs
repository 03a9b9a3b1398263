using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The two programs of <see cref="ScriptCode"/> as files in memory, made once. Opened for reading alone, for what is open for writing cannot be executed.</summary>
public static class ScriptProgram
{
    private static readonly Lazy<FileDescriptor> LazyLoader = new(() => MemoryFile.Program("strata-loader", ScriptCode.Loader(Libc.IsArm64)));
    private static readonly Lazy<FileDescriptor> LazyInit = new(() => MemoryFile.Program("strata-init", ScriptCode.Init(Libc.IsArm64)));

    /// <summary>
    /// The first process of a pid namespace: it has the kernel reap orphans, forbids to be looked into, writes one byte to descriptor 9, closes all
    /// descriptors and waits for ever.
    /// </summary>
    public static FileDescriptor Init => LazyInit.Value;

    internal static FileDescriptor Loader => LazyLoader.Value;
}
