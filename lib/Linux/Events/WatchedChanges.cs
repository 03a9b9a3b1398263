namespace Strata.Linux;

/// <summary>What inotify tells of; the values are the kernel's.</summary>
[Flags]
public enum WatchedChanges : uint
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The content was changed.</summary>
    Modified = 0x2,

    /// <summary>Bits, owner, times or links were changed.</summary>
    Status = 0x4,

    /// <summary>A file open for writing was closed.</summary>
    ClosedAfterWriting = 0x8,

    /// <summary>An entry was moved away.</summary>
    MovedFrom = 0x40,

    /// <summary>An entry was moved here.</summary>
    MovedTo = 0x80,

    /// <summary>An entry was made.</summary>
    Made = 0x100,

    /// <summary>An entry was removed.</summary>
    Removed = 0x200,

    /// <summary>What is watched was removed.</summary>
    SelfRemoved = 0x400,

    /// <summary>What is watched was moved.</summary>
    SelfMoved = 0x800,

    /// <summary>Its file system was unmounted.</summary>
    Unmounted = 0x2000,

    /// <summary>Events were lost; the watch number is -1.</summary>
    Overflow = 0x4000,

    /// <summary>The watch has ended.</summary>
    Ended = 0x8000,

    /// <summary>It is about a directory.</summary>
    IsDirectory = 0x40000000,

    /// <summary>All that a watch asks for.</summary>
    Wanted = Modified | Status | ClosedAfterWriting | MovedFrom | MovedTo | Made | Removed | SelfRemoved | SelfMoved,
}
