using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Removes a tree whatever is in it: no link is followed, and a directory that may not be read is opened first.</summary>
internal static class LayerRemoval
{
    /// <summary>The deepest tree that is removed: deeper than any that is unpacked.</summary>
    internal const int MaxDepth = 512;

    /// <summary>Removes an entry of a directory, and if it is a directory what is in it. What is not there is none.</summary>
    /// <exception cref="LinuxException">Something cannot be removed.</exception>
    internal static void Remove(FileDescriptor directory, ReadOnlySpan<byte> name) => Remove(directory, name.ToArray(), 0);

    private static void Remove(FileDescriptor directory, byte[] name, int depth)
    {
        int result = DirectoryChanges.TryRemove(directory, name, isDirectory: false);
        if (result is 0 or -Errno.ENOENT)
        {
            return;
        }

        if (result != -Errno.EISDIR || depth > MaxDepth)
        {
            throw new LinuxException(result, "unlinkat", System.Text.Encoding.UTF8.GetString(name));
        }

        using (var inner = Open(directory, name))
        {
            foreach (byte[] entry in Names(inner))
            {
                Remove(inner, entry, depth + 1);
            }
        }

        LayerCalls.Check(DirectoryChanges.TryRemove(directory, name, isDirectory: true), "unlinkat", name);
    }

    private static FileDescriptor Open(FileDescriptor directory, byte[] name)
    {
        int opened = BeneathRoot.TryDescend(directory, name, KeptOut.Nothing);
        if (opened == -Errno.EACCES)
        {
            using var parent = BeneathRoot.Of(FileDescriptor.Duplicate(directory.Number), KeptOut.Nothing);
            int found = parent.TryFind(name, out var status);
            if (found >= 0)
            {
                using var place = new FileDescriptor(found);
                _ = status.Kind == FileKind.Directory ? FileContent.TryChangeMode(found, 0x1c0) : 0;
            }

            opened = BeneathRoot.TryDescend(directory, name, KeptOut.Nothing);
        }

        return new FileDescriptor(LayerCalls.Check(opened, "openat2", name));
    }

    private static List<byte[]> Names(FileDescriptor directory)
    {
        using var reader = new DirectoryReader(FileDescriptor.Duplicate(directory.Number));
        var names = new List<byte[]>();
        int result;
        while ((result = reader.TryNext(out var entry)) > 0)
        {
            names.Add(entry.Name.ToArray());
        }

        return result == 0 ? names : throw new LinuxException(result, "getdents64");
    }
}
