using System.Text;

namespace Strata.Sandbox;

/// <summary>One entry of an archive, as it says; nothing of it is trusted yet.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Path">Its path, raw bytes.</param>
/// <param name="Target">Of a link or hard link, where it leads; else empty.</param>
/// <param name="SizeBytes">How long its content is; 0 for all but files.</param>
/// <param name="Mode">Permission bits, 0 to 07777.</param>
/// <param name="Uid">The owner.</param>
/// <param name="Gid">The group.</param>
/// <param name="ModifiedUnixNs">Last change, nanoseconds since 1970 UTC.</param>
/// <param name="Attributes">Extended attributes by their names.</param>
internal sealed record ArchiveEntry(
    TarKind Kind, byte[] Path, byte[] Target, long SizeBytes, int Mode, uint Uid, uint Gid, long ModifiedUnixNs, IReadOnlyDictionary<string, byte[]> Attributes)
{
    /// <summary>The path for a person.</summary>
    internal string Name => Encoding.UTF8.GetString(Path);
}
