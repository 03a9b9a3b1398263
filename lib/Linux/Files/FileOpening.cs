namespace Strata.Linux;

/// <summary>How a regular file is opened.</summary>
public readonly record struct FileOpening
{
    /// <summary>To read, to write, or both.</summary>
    public FileAccess Access { get; init; }

    /// <summary>Whether each write goes to the end, wherever that is by then.</summary>
    public bool Append { get; init; }

    /// <summary>Whether what is there is cut to nothing.</summary>
    public bool Truncate { get; init; }

    /// <summary>Whether a missing file is made.</summary>
    public bool Create { get; init; }

    /// <summary>Whether the file must be made: EEXIST when anything has its name, a link included.</summary>
    public bool Exclusive { get; init; }

    /// <summary>Permission bits of a file that is made, cut by the umask.</summary>
    public int Mode { get; init; }
}
