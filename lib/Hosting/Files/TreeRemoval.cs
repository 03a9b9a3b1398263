using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// Removes a directory with all in it, up to a bound. Descends by descriptors alone: no link is followed, no mount point entered, and a
/// directory that is swapped meanwhile is met as what it is then.
/// </summary>
/// <param name="limit">Most entries removed.</param>
/// <param name="cancellation">Ends it between two entries.</param>
internal sealed class TreeRemoval(int limit, CancellationToken cancellation)
{
    /// <summary>The deepest directory looked into; each open one costs a descriptor. As deep as a path may be.</summary>
    internal const int MaxDepth = 256;

    private KeptOut _keptOut = KeptOut.Nothing;

    internal int Removed { get; private set; }

    internal bool IsDone { get; private set; }

    /// <summary>Removes what has a name in a directory; 0, also when it was not done, or a negated <see cref="Errno"/>.</summary>
    internal int Run(FileDescriptor directory, byte[] name, KeptOut keptOut)
    {
        _keptOut = keptOut;
        var result = Remove(directory, name, 0);
        IsDone = result == 0;
        return result == Stopped ? 0 : result;
    }

    // Beside 0 and negated error numbers: the bound was reached, or the caller is gone.
    private const int Stopped = 1;

    private int Remove(FileDescriptor directory, byte[] name, int depth)
    {
        if (Removed >= limit || cancellation.IsCancellationRequested)
        {
            return Stopped;
        }

        var result = DirectoryChanges.TryRemove(directory, name, isDirectory: false);
        if (result is not (-Errno.EISDIR or -Errno.EPERM))
        {
            return Counted(result);
        }

        result = DirectoryChanges.TryRemove(directory, name, isDirectory: true);
        if (result != -Errno.ENOTEMPTY)
        {
            // Not a directory after all: then the first answer was the last word.
            return result == -Errno.ENOTDIR ? -Errno.EPERM : Counted(result);
        }

        if (depth >= MaxDepth)
        {
            return -Errno.ENAMETOOLONG;
        }

        var opened = BeneathRoot.TryDescend(directory, name, _keptOut);
        if (opened < 0)
        {
            return opened;
        }

        result = Empty(new FileDescriptor(opened), depth);
        return result != 0 ? result : Counted(DirectoryChanges.TryRemove(directory, name, isDirectory: true));
    }

    private int Empty(FileDescriptor directory, int depth)
    {
        using var reader = new DirectoryReader(directory);
        int found;
        while ((found = reader.TryNext(out var entry)) == 1)
        {
            var result = Remove(directory, entry.Name.ToArray(), depth + 1);
            // Whoever removed it first did what was wanted.
            if (result is not (0 or -Errno.ENOENT))
            {
                return result;
            }
        }

        return found;
    }

    private int Counted(int result)
    {
        Removed += result == 0 ? 1 : 0;
        return result;
    }
}
