using System.Globalization;
using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Removes what a sandbox changed when it belongs to the service itself, whatever its programs made of it: links are removed and not followed, directories that
/// nobody may enter are opened, and of a tree of any depth never more than two directories are open. What lies deeper is moved up first, by descriptors, so that
/// no path is ever too long and nobody who renames meanwhile leads anywhere else.
/// </summary>
internal static class ChangesRemoval
{
    private const int OwnMode = 0x1C0;

    /// <summary>The most passes over the top that remove nothing: somebody makes anew what is removed.</summary>
    private const int MaxIdlePasses = 16;

    /// <summary>Removes a file, link or directory; one that is not there is removed.</summary>
    /// <exception cref="LinuxException">Something cannot be removed.</exception>
    internal static void Run(string path)
    {
        string full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (Directory.Exists(Path.GetDirectoryName(full)))
        {
            using var parent = DirectoryHandle.Open(Path.GetDirectoryName(full)!);
            Remove(parent, Encoding.UTF8.GetBytes(Path.GetFileName(full)));
        }
    }

    private static void Remove(FileDescriptor parent, byte[] name)
    {
        int idle = 0, moved = 0, result;
        while ((result = TryRemove(parent, name)) == -Errno.ENOTEMPTY)
        {
            int opened = Open(parent, name);
            if (opened is -Errno.ENOENT or -Errno.ENOTDIR or -Errno.ELOOP)
            {
                continue; // Somebody was faster, or put something else in its place.
            }

            using var top = new FileDescriptor(opened >= 0 ? opened : throw new LinuxException(opened, "openat2", Encoding.UTF8.GetString(name)));
            (int removed, int fault) = Empty(top, top, ref moved);
            idle = removed > 0 ? 0 : idle + 1;
            if (idle == MaxIdlePasses)
            {
                throw new LinuxException(fault < 0 ? fault : -Errno.ENOTEMPTY, "unlinkat", Encoding.UTF8.GetString(name));
            }
        }

        if (result is < 0 and not -Errno.ENOENT)
        {
            throw new LinuxException(result, "unlinkat", Encoding.UTF8.GetString(name));
        }
    }

    /// <summary>Removes what a directory holds; directories in it that hold others are emptied into the top.</summary>
    /// <returns>How much was removed or moved up, and the last fault.</returns>
    private static (int Removed, int Fault) Empty(FileDescriptor directory, FileDescriptor top, ref int moved)
    {
        using var reader = new DirectoryReader(FileDescriptor.Duplicate(directory.Number));
        int removed = 0, fault = reader.TrySeek(0);
        while (reader.TryNext(out var entry) == 1)
        {
            byte[] name = entry.Name.ToArray();
            int result = TryRemove(directory, name);
            if (result == -Errno.ENOTEMPTY)
            {
                result = directory.Number == top.Number ? EmptyInto(top, name, ref moved) : MoveUp(directory, name, top, ref moved);
            }

            removed += result >= 0 ? 1 : 0;
            fault = result < 0 ? result : fault;
        }

        return (removed, fault);
    }

    private static int EmptyInto(FileDescriptor top, byte[] name, ref int moved)
    {
        int opened = Open(top, name);
        if (opened < 0)
        {
            return opened;
        }

        using (var inner = new FileDescriptor(opened))
        {
            (int removed, int fault) = Empty(inner, top, ref moved);
            if (removed == 0 && fault < 0)
            {
                return fault;
            }
        }

        _ = TryRemove(top, name); // Else with the next pass.
        return 0;
    }

    private static int MoveUp(FileDescriptor directory, byte[] name, FileDescriptor top, ref int moved)
    {
        Loosen(directory, name); // To move a directory takes the right to change it.
        int result;
        do
        {
            byte[] fresh = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"strata-removed-{moved++}"));
            result = DirectoryChanges.TryRename(directory, name, top, fresh, replace: false);
        }
        while (result == -Errno.EEXIST && moved < int.MaxValue);

        return result;
    }

    private static int TryRemove(FileDescriptor directory, byte[] name)
    {
        int result = DirectoryChanges.TryRemove(directory, name, isDirectory: false);
        return result is -Errno.EISDIR or -Errno.EPERM && DirectoryChanges.TryRemove(directory, name, isDirectory: true) is var asDirectory and not -Errno.ENOTDIR ? asDirectory : result;
    }

    // An overlay's own directory has no permissions at all, and a program may have taken them from others.
    private static int Open(FileDescriptor directory, byte[] name)
    {
        Loosen(directory, name);
        return BeneathRoot.TryDescend(directory, name, KeptOut.Nothing);
    }

    private static void Loosen(FileDescriptor directory, byte[] name)
    {
        using var parent = BeneathRoot.Of(FileDescriptor.Duplicate(directory.Number), KeptOut.Nothing);
        int found = parent.TryFind(name, out var status);
        if (found < 0)
        {
            return;
        }

        using var place = new FileDescriptor(found);
        if (status.Kind == FileKind.Directory && (status.Mode & OwnMode) != OwnMode)
        {
            _ = FileContent.TryChangeMode(found, OwnMode);
        }
    }
}
