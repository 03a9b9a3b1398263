using System.Text;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>What layers hide, by paths.</summary>
internal static class Marks
{
    /// <summary>Hides what the layers beneath have of a path's last name.</summary>
    internal static void Hide(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        Assert.Equal(0, OverlayMarks.TryHide(parent, NameOf(path)));
    }

    /// <summary>Whether that is what the entry does.</summary>
    internal static bool IsHidden(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(path)!);
        Assert.Equal(0, FileStatus.TryGetEntry(parent, NameOf(path), out var status));
        return OverlayMarks.Hides(parent, NameOf(path), status);
    }

    /// <summary>What says so in a directory: a device, but on an overlay, where none can be made.</summary>
    internal static FileKind KindIn(string path)
    {
        using var directory = DirectoryHandle.Open(path);
        int made = EntryChanges.TryMakeSpecial(directory, ".probe"u8, FileKind.CharacterDevice);
        if (made < 0)
        {
            Assert.Equal(-Errno.EPERM, made);
            return FileKind.Regular;
        }

        File.Delete(Path.Combine(path, ".probe"));
        return FileKind.CharacterDevice;
    }

    internal static bool IsOpaque(string path)
    {
        using var directory = DirectoryHandle.Open(path);
        return OverlayMarks.IsOpaque(directory);
    }

    private static byte[] NameOf(string path) => Encoding.UTF8.GetBytes(Path.GetFileName(path));
}
