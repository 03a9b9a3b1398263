using System.Text;
using System.Text.Unicode;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Entry = Strata.Contracts.DirectoryEntry;

namespace Strata.Hosting;

/// <summary>Reads one page of a directory: bounded work, bounded memory, and never more than a frame holds.</summary>
internal static class DirectoryPage
{
    /// <summary>Reads a page.</summary>
    /// <param name="directory">An open directory; closed afterwards.</param>
    /// <param name="cookie">Where to begin; 0 is the start.</param>
    /// <param name="limit">Most entries.</param>
    /// <param name="stat">Whether mode and time are told.</param>
    /// <param name="errorOf">The error for a negated error number.</param>
    internal static Reply<ListResult> Read(FileDescriptor directory, long cookie, int limit, bool stat, Func<int, RpcError> errorOf)
    {
        using var reader = new DirectoryReader(directory);
        if (cookie != 0 && reader.TrySeek(cookie) < 0)
        {
            return BadCursor();
        }

        var entries = new List<Entry>(Math.Min(limit, 64));
        var left = EntrySize.PageBytes;
        var next = cookie;
        int result;
        while ((result = reader.TryNext(out var found)) == 1)
        {
            var isText = Utf8.IsValid(found.Name);
            left -= EntrySize.BoundOf(found.Name, isText, stat);
            if (entries.Count == limit || left < 0)
            {
                return new ListResult(entries, ListCursor.Of(next));
            }

            entries.Add(Describe(directory, found.Name, found.Kind, isText, stat));
            next = found.NextCookie;
        }

        // A directory removed while it is listed has no entries any more.
        return result is 0 or -Errno.ENOENT ? new ListResult(entries) : errorOf(result);
    }

    internal static RpcError BadCursor() =>
        RpcError.InvalidField("cursor", "the field \"cursor\" is not one that this method gave; send next of the page before, or leave it out") with { Reason = "invalid_cursor" };

    /// <summary>An entry that vanished between being listed and being looked at is told as the directory had it.</summary>
    internal static Entry Describe(FileDescriptor directory, ReadOnlySpan<byte> name, FileKind listed, bool isText, bool stat)
    {
        var known = FileStatus.TryGetEntry(directory, name, out var status) == 0;
        var kind = known ? status.Kind : listed;
        return new Entry(
            Encoding.UTF8.GetString(name), kind == FileKind.Directory, known ? status.SizeBytes : 0, FileKinds.WordOf(kind),
            isText ? default(ReadOnlyMemory<byte>?) : name.ToArray(),
            stat && known ? FileKinds.ModeOf(status) : null, stat && known ? FileKinds.ModifiedOf(status) : null);
    }
}
