using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Single names in a tree. Each answers 0 or more, or a negated error number.</summary>
internal static class Entries
{
    /// <summary>Permission bits of a directory that nobody asked for otherwise.</summary>
    internal const int UsualDirectoryMode = 0x1ED; // 0755

    /// <summary>Works on the last name of a path in the directory it stands in, whatever has that name.</summary>
    internal static int At(BeneathRoot root, byte[] path, Func<FileDescriptor, byte[], int> work)
    {
        var opened = root.TryOpenParent(path, out var name);
        if (opened < 0)
        {
            return opened;
        }

        using var directory = new FileDescriptor(opened);
        return work(directory, name.ToArray());
    }

    /// <summary>Makes a directory.</summary>
    /// <returns>1 when it was made.</returns>
    internal static int MakeDirectory(BeneathRoot root, byte[] path, int mode)
    {
        var result = At(root, path, (directory, name) => DirectoryChanges.TryMakeDirectory(directory, name, mode));
        return result < 0 ? result : 1;
    }

    /// <summary>Makes a directory and what is missing above it.</summary>
    /// <returns>0 when it was there already.</returns>
    internal static int MakeDirectories(BeneathRoot root, byte[] path, int mode)
    {
        var found = Look(root, path);
        if (found != -Errno.ENOENT)
        {
            return found;
        }

        var slash = Array.LastIndexOf(path, (byte)'/');
        var above = slash > 0 ? MakeDirectories(root, path[..slash], mode) : 0;
        var made = above < 0 ? above : MakeDirectory(root, path, mode);
        // Somebody else made it between the look and the call: that is as good.
        return made == -Errno.EEXIST ? Look(root, path) : made;
    }

    /// <summary>Removes a file, a link or an empty directory.</summary>
    internal static int Remove(FileDescriptor directory, byte[] name)
    {
        var result = DirectoryChanges.TryRemove(directory, name, isDirectory: false);
        return result is -Errno.EISDIR or -Errno.EPERM && FileStatus.TryGetEntry(directory, name, out var status) == 0 && status.Kind == FileKind.Directory
            ? DirectoryChanges.TryRemove(directory, name, isDirectory: true)
            : result;
    }

    private static int Look(BeneathRoot root, byte[] path) =>
        root.TryGetStatus(path, out var status) is var found and < 0 ? found : status.Kind == FileKind.Directory ? 0 : -Errno.EEXIST;
}
