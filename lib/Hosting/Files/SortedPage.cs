using System.Text.Unicode;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Entry = Strata.Contracts.DirectoryEntry;

namespace Strata.Hosting;

/// <summary>
/// Reads one page of a directory by the bytes of its names: the whole directory is read for each page, and no more of it kept than the
/// page holds, so that memory is bounded whatever the directory's size.
/// </summary>
internal static class SortedPage
{
    private static readonly IComparer<byte[]> Descending = Comparer<byte[]>.Create(static (a, b) => b.AsSpan().SequenceCompareTo(a));

    /// <summary>Reads a page.</summary>
    /// <param name="directory">An open directory; closed afterwards.</param>
    /// <param name="after">Only names behind this one; empty for all.</param>
    /// <param name="limit">Most entries.</param>
    /// <param name="stat">Whether mode and time are told.</param>
    /// <param name="errorOf">The error for a negated error number.</param>
    internal static Reply<ListResult> Read(FileDescriptor directory, byte[] after, int limit, bool stat, Func<int, RpcError> errorOf)
    {
        using var reader = new DirectoryReader(directory);
        // The greatest of the smallest names so far is the first to give way. One more than wanted tells that there are more.
        var smallest = new PriorityQueue<(byte[] Name, FileKind Kind), byte[]>(Descending);
        int result;
        while ((result = reader.TryNext(out var found)) == 1)
        {
            if (found.Name.SequenceCompareTo(after) <= 0
                || (smallest.Count > limit && smallest.TryPeek(out _, out var greatest) && found.Name.SequenceCompareTo(greatest) >= 0))
            {
                continue;
            }

            var name = found.Name.ToArray();
            smallest.Enqueue((name, found.Kind), name);
            if (smallest.Count > limit + 1)
            {
                smallest.Dequeue();
            }
        }

        return result is 0 or -Errno.ENOENT ? Page(directory, smallest, limit, stat) : errorOf(result);
    }

    private static Reply<ListResult> Page(FileDescriptor directory, PriorityQueue<(byte[] Name, FileKind Kind), byte[]> smallest, int limit, bool stat)
    {
        var names = new (byte[] Name, FileKind Kind)[smallest.Count];
        for (var i = names.Length - 1; i >= 0; i--)
        {
            names[i] = smallest.Dequeue();
        }

        var entries = new List<Entry>(Math.Min(names.Length, limit));
        var left = EntrySize.PageBytes;
        foreach (var (name, kind) in names)
        {
            var isText = Utf8.IsValid(name);
            left -= EntrySize.BoundOf(name, isText, stat);
            if (entries.Count == limit || left < 0)
            {
                return new ListResult(entries, ListCursor.OfName(names[entries.Count - 1].Name));
            }

            entries.Add(DirectoryPage.Describe(directory, name, kind, isText, stat));
        }

        return new ListResult(entries);
    }
}
