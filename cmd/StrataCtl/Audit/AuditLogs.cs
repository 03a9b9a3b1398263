using Strata.Linux;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Audit;

/// <summary>The audit logs in a directory: of each service the files it kept, the oldest first.</summary>
internal static class AuditLogs
{
    private const string Extension = ".jsonl";

    /// <summary>One file of a log.</summary>
    /// <param name="Path">Its path when it was looked for.</param>
    /// <param name="Inode">Stays the same when it is rotated.</param>
    internal sealed record Part(string Path, ulong Inode);

    /// <summary>The names of the services that have logs here, in order.</summary>
    /// <exception cref="UsageException">The directory cannot be read.</exception>
    public static IReadOnlyList<string> Services(string directory)
    {
        try
        {
            return [.. Directory.EnumerateFiles(directory, "*" + Extension + "*")
                .Select(p => Path.GetFileName(p))
                .Select(n => n[..n.IndexOf(Extension, StringComparison.Ordinal)])
                .Distinct().Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"the audit logs in {directory} cannot be read: {e.Message}; run this as the user of the node, or name the directory: --audit-dir DIR");
        }
    }

    /// <summary>The files of a service's log now, the oldest first.</summary>
    public static IReadOnlyList<Part> PartsOf(string directory, string service)
    {
        var path = Path.Join(directory, service + Extension);
        var found = new List<Part>();
        for (var i = 0; FileStatus.TryGetNoFollow(i == 0 ? path : $"{path}.{i}", out var status) == 0 || i == 0; i++)
        {
            if (status.Kind == FileKind.Regular)
            {
                found.Insert(0, new Part(i == 0 ? path : $"{path}.{i}", status.Inode));
            }
        }

        return found;
    }
}
