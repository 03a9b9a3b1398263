using Strata.Linux;

namespace Strata.Fs;

/// <summary>The protocol's words for what a file is.</summary>
internal static class FileKinds
{
    internal static string WordOf(FileKind kind) => kind switch
    {
        FileKind.Regular => "file",
        FileKind.Directory => "dir",
        FileKind.SymbolicLink => "symlink",
        FileKind.Fifo => "fifo",
        FileKind.Socket => "socket",
        FileKind.CharacterDevice or FileKind.BlockDevice => "device",
        _ => "unknown",
    };
}
