using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Reads the newest kept lines back when the supervisor starts, so that its memory begins where the last one's ended.</summary>
internal static class LogArchive
{
    /// <summary>Bytes read back of one service.</summary>
    internal const int MaxBytes = 256 * 1024;

    /// <summary>Services read back; more cannot be on a node.</summary>
    internal const int MaxServices = ManifestLimits.MaxServices + 1;

    /// <summary>The newest lines of every service, in the order of their numbers; what cannot be read is left out.</summary>
    /// <param name="logs">The directory of all services' logs.</param>
    internal static IReadOnlyList<LogLine> Read(string logs)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(logs).Take(MaxServices).SelectMany(ReadService).OrderBy(line => line.Sequence)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static List<LogLine> ReadService(string directory)
    {
        var service = Path.GetFileName(directory);
        var lines = new List<LogLine>();
        for (var number = 1; number >= 0; number--)
        {
            // The present file may have just been begun: then the one before it has the last words.
            var present = Path.Combine(directory, LogRotation.NameOf(0));
            var room = number == 0 ? MaxBytes : (int)Math.Max(0, MaxBytes - LengthOf(present));
            foreach (var text in Tail(Path.Combine(directory, LogRotation.NameOf(number)), room))
            {
                if (LogJson.Read(service, text) is { } line)
                {
                    lines.Add(line);
                }
            }
        }

        return lines;
    }

    private static long LengthOf(string path) => new FileInfo(path) is { Exists: true } file ? file.Length : 0;

    /// <summary>The last whole lines of a file within so many bytes.</summary>
    private static List<ReadOnlyMemory<byte>> Tail(string path, int maxBytes)
    {
        var lines = new List<ReadOnlyMemory<byte>>();
        if (maxBytes == 0 || !File.Exists(path))
        {
            return lines;
        }

        using var file = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var length = RandomAccess.GetLength(file);
        var from = Math.Max(0, length - maxBytes);
        var bytes = new byte[(int)(length - from)];
        ReadOnlyMemory<byte> rest = bytes.AsMemory(0, RandomAccess.Read(file, bytes, from));
        if (from > 0)
        {
            // Most likely the middle of a line.
            rest = rest[(rest.Span.IndexOf((byte)'\n') + 1)..];
        }

        while (rest.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            lines.Add(rest[..end]);
            rest = rest[(end + 1)..];
        }

        return lines;
    }
}
