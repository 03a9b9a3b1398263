namespace Strata.Linux;

/// <summary>A directory exists but must not be trusted with secrets or sockets.</summary>
public sealed class UnsafeDirectoryException : IOException
{
    /// <summary>Says what is wrong and what to do.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="fault">Continues the sentence that begins with the path.</param>
    public UnsafeDirectoryException(string path, string fault) : base($"The directory '{path}' {fault}.") => Path = path;

    /// <summary>The directory.</summary>
    public string Path { get; }
}
