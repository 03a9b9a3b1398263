using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Names in a directory.</summary>
public static unsafe class PlainFile
{
    /// <summary>Removes a name that is no directory's; one that is not there is fine, and so is one that cannot be removed.</summary>
    /// <param name="directory">Its directory.</param>
    /// <param name="name">A plain file name.</param>
    public static void Remove(FileDescriptor directory, string name)
    {
        fixed (byte* path = DurableFile.FileName(name))
        {
            _ = Libc.unlinkat(directory.Number, path, 0);
        }
    }
}
