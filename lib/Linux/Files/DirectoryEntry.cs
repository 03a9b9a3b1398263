namespace Strata.Linux;

/// <summary>One entry of a directory; valid until the reader moves on.</summary>
public readonly ref struct DirectoryEntry
{
    internal DirectoryEntry(ReadOnlySpan<byte> name, FileKind kind, ulong inode, long next)
    {
        Name = name;
        Kind = kind;
        Inode = inode;
        NextCookie = next;
    }

    /// <summary>The name's raw bytes: anything but NUL and '/'; not necessarily UTF-8.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>What it is, <see cref="FileKind.Unknown"/> where the file system does not say. Links are not followed.</summary>
    public FileKind Kind { get; }

    /// <summary>Its inode number.</summary>
    public ulong Inode { get; }

    /// <summary>Where to seek for the entry after this one, also with another descriptor of the same directory.</summary>
    public long NextCookie { get; }
}
