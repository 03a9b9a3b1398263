using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>What whoever fills a tree from an archive needs beside <see cref="EntryChanges"/>. Names and answers as there.</summary>
[SkipLocalsInit]
public static unsafe class TreeChanges
{
    /// <summary>Gives an entry a further name; the entry itself, a link not followed.</summary>
    /// <param name="from">Where it is.</param>
    /// <param name="name">Its name.</param>
    /// <param name="to">Where the further name goes.</param>
    /// <param name="newName">That name.</param>
    public static int TryLinkEntry(FileDescriptor from, ReadOnlySpan<byte> name, FileDescriptor to, ReadOnlySpan<byte> newName)
    {
        byte* text = stackalloc byte[FileStatus.MaxNameBytes + 1];
        byte* newText = stackalloc byte[FileStatus.MaxNameBytes + 1];
        int result = DirectoryChanges.Terminate(name, text);
        result = result < 0 ? result : DirectoryChanges.Terminate(newName, newText);
        return result < 0 ? result : Libc.Result(Libc.linkat(from.Number, text, to.Number, newText, 0));
    }

    /// <summary>Sets an extended attribute of an open file or directory.</summary>
    /// <param name="file">Open, not O_PATH of a link.</param>
    /// <param name="name">The attribute's name.</param>
    /// <param name="value">Its value.</param>
    public static int TrySetAttribute(int file, string name, ReadOnlySpan<byte> value)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(file, own);
        fixed (byte* text = Libc.CString(name), start = value)
        {
            return Libc.Result(Libc.setxattr(own, text, start, (nuint)value.Length, 0));
        }
    }

    /// <summary>The value of an extended attribute of an open file or directory.</summary>
    /// <param name="file">Open, not O_PATH of a link.</param>
    /// <param name="name">The attribute's name.</param>
    /// <param name="value">Where it goes.</param>
    /// <returns>Its length, or a negated <see cref="Errno"/>: ENODATA when there is none.</returns>
    public static int TryGetAttribute(int file, string name, Span<byte> value)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(file, own);
        fixed (byte* text = Libc.CString(name), start = value)
        {
            return Libc.Result(Libc.getxattr(own, text, start, (nuint)value.Length));
        }
    }
}
