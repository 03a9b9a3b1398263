using Strata.Linux;

namespace Strata.Hosting;

/// <summary>Counts what a tree takes: bytes of its file system, and files and directories. Follows no link and enters no mount.</summary>
internal static class TreeCount
{
    /// <summary>Counts; what cannot be read counts as itself alone.</summary>
    /// <param name="directory">Where; stays the caller's.</param>
    /// <param name="cancellation">Ends it between two entries.</param>
    /// <returns>Bytes, entries, and whether nothing lies deeper than <see cref="TreeCopy.MaxDepth"/>, which is not counted.</returns>
    internal static (long Bytes, long Files, bool IsWhole) Of(FileDescriptor directory, CancellationToken cancellation) => Of(FileDescriptor.Duplicate(directory.Number), 0, cancellation);

    private static (long Bytes, long Files, bool IsWhole) Of(FileDescriptor directory, int depth, CancellationToken cancellation)
    {
        using var reader = new DirectoryReader(directory);
        _ = reader.TrySeek(0);
        long bytes = 0, files = 0;
        bool isWhole = true;
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
            if (status.Kind != FileKind.Directory)
            {
                continue;
            }

            int inner = depth < TreeCopy.MaxDepth ? BeneathRoot.TryDescend(directory, name, KeptOut.Nothing) : -1;
            isWhole &= depth < TreeCopy.MaxDepth;
            if (inner >= 0)
            {
                var (innerBytes, innerFiles, innerWhole) = Of(new FileDescriptor(inner), depth + 1, cancellation);
                (bytes, files, isWhole) = (bytes + innerBytes, files + innerFiles, isWhole && innerWhole);
            }
        }

        return (bytes, files, isWhole);
    }
}
