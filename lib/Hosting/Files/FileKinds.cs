using System.Globalization;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>The protocol's words for what a file is.</summary>
internal static class FileKinds
{
    /// <summary>Permission bits in octal.</summary>
    internal static string ModeOf(FileStatus status) => Convert.ToString(status.Mode, 8).PadLeft(4, '0');

    /// <summary>The last modification, RFC 3339 UTC.</summary>
    internal static string ModifiedOf(FileStatus status) =>
        DateTimeOffset.UnixEpoch.AddTicks(status.ModifiedUnixNs / TimeSpan.NanosecondsPerTick).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture);

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
