using Strata.Linux;

namespace Strata.Hosting;

/// <summary>Counts what a tree takes: bytes of its file system, and files and directories. Follows no link and enters no mount.</summary>
internal static class TreeCount
{
    /// <summary>Counts; what cannot be read counts as itself alone, what lies deeper than a bound not at all.</summary>
    /// <param name="directory">Where; stays the caller's.</param>
    /// <param name="cancellation">Ends it between two entries.</param>
    internal static (long Bytes, long Files) Of(FileDescriptor directory, CancellationToken cancellation) => Of(FileDescriptor.Duplicate(directory.Number), 0, cancellation);

    private static (long Bytes, long Files) Of(FileDescriptor directory, int depth, CancellationToken cancellation)
    {
        using var reader = new DirectoryReader(directory);
        _ = reader.TrySeek(0);
        long bytes = 0, files = 0;
        while (reader.TryNext(out var entry) == 1)
        {
            cancellation.ThrowIfCancellationRequested();
            var name = entry.Name.ToArray();
            if (FileStatus.TryGetEntry(directory, name, out var status) < 0)
            {
                continue;
            }

            // A file of several names is counted with each, in part.
            bytes += status.Kind == FileKind.Regular ? status.AllocatedBytes / Math.Max(1, status.Links) : status.AllocatedBytes;
            files++;
            var inner = status.Kind == FileKind.Directory && depth < TreeCopy.MaxDepth ? BeneathRoot.TryDescend(directory, name, KeptOut.Nothing) : -1;
            if (inner >= 0)
            {
                var (innerBytes, innerFiles) = Of(new FileDescriptor(inner), depth + 1, cancellation);
                (bytes, files) = (bytes + innerBytes, files + innerFiles);
            }
        }

        return (bytes, files);
    }
}
