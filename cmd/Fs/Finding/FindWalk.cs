using System.Text.Unicode;
using System.Text;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>One search, in turns: keeps an open directory for each level and nothing else. Follows no link and enters no mount point.</summary>
internal sealed class FindWalk : IDisposable
{
    /// <summary>Most entries of one part, and most looked at for one.</summary>
    internal const int PartEntries = 256;
    private const int PartVisits = 4096;
    private const int PartBytes = 256 * 1024;

    private readonly FindParams _wish;
    private readonly GlobPattern _pattern;
    private readonly long _maxVisited;
    private readonly KeptOut _keptOut;
    private readonly Stack<Level> _levels = new();
    private long _visited;
    private int _found;
    private int _skipped;

    /// <summary>Begins.</summary>
    /// <param name="directory">Where; owned by the walk from here on.</param>
    /// <param name="wish">What for.</param>
    /// <param name="maxVisited">Most entries looked at.</param>
    /// <param name="keptOut">What is not entered.</param>
    internal FindWalk(FileDescriptor directory, FindParams wish, long maxVisited, KeptOut keptOut)
    {
        (_wish, _pattern, _maxVisited, _keptOut) = (wish, new GlobPattern(wish.Pattern), maxVisited, keptOut);
        _levels.Push(new Level(directory, []));
    }

    /// <summary>Whether there is more to come.</summary>
    internal bool IsDone { get; private set; }

    /// <summary>Goes on for a bounded time.</summary>
    internal FindPart Next()
    {
        var entries = new List<FoundEntry>();
        var (visits, bytes) = (0, 0);
        while (_levels.TryPeek(out var level))
        {
            if (_found >= _wish.Limit || _visited >= _maxVisited)
            {
                IsDone = true;
                return new FindPart(entries, _visited, _skipped, Truncated: true);
            }

            if (entries.Count >= PartEntries || visits >= PartVisits || bytes >= PartBytes)
            {
                return new FindPart(entries, _visited, _skipped, Truncated: false);
            }

            if (level.Reader.TryNext(out var entry) != 1)
            {
                _levels.Pop().Dispose();
                continue;
            }

            _visited++;
            visits++;
            byte[] path = [.. level.Path, .. entry.Name];
            if (Look(level, entry.Name, path, entry.Kind) is { } found)
            {
                entries.Add(found);
                bytes += path.Length * 6;
                _found++;
            }
        }

        IsDone = true;
        return new FindPart(entries, _visited, _skipped, Truncated: false);
    }

    public void Dispose()
    {
        while (_levels.TryPop(out var level))
        {
            level.Dispose();
        }
    }

    private FoundEntry? Look(Level level, ReadOnlySpan<byte> name, byte[] path, FileKind kind)
    {
        var known = kind != FileKind.Unknown;
        FileStatus status = default;
        if (!known)
        {
            known = FileStatus.TryGetEntry(level.Directory, name, out status) == 0;
            kind = status.Kind;
        }

        var text = Encoding.UTF8.GetString(path);
        FoundEntry? found = null;
        if (Wants(kind) && _pattern.Matches(text))
        {
            var size = FileStatus.TryGetEntry(level.Directory, name, out status) == 0 ? status.SizeBytes : 0;
            found = new FoundEntry(text, FileKinds.WordOf(kind), size, Utf8.IsValid(path) ? default(ReadOnlyMemory<byte>?) : path);
        }

        if (kind == FileKind.Directory)
        {
            Descend(level, name, path);
        }

        return found;
    }

    private bool Wants(FileKind kind) => _wish.Kind switch
    {
        "file" => kind == FileKind.Regular,
        "dir" => kind == FileKind.Directory,
        "symlink" => kind == FileKind.SymbolicLink,
        _ => true,
    };

    private void Descend(Level level, ReadOnlySpan<byte> name, byte[] path)
    {
        if (_levels.Count >= _wish.MaxDepth)
        {
            return;
        }

        var opened = BeneathRoot.TryDescend(level.Directory, name, _keptOut);
        if (opened >= 0)
        {
            _levels.Push(new Level(new FileDescriptor(opened), [.. path, (byte)'/']));
        }
        else if (opened != -Errno.ENOENT)
        {
            _skipped++;
        }
    }

    /// <summary>A directory being read, and the path of what is in it.</summary>
    private sealed class Level(FileDescriptor directory, byte[] path) : IDisposable
    {
        internal FileDescriptor Directory => directory;

        internal DirectoryReader Reader { get; } = new(directory);

        internal byte[] Path => path;

        public void Dispose() => Reader.Dispose();
    }
}
