using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The newest lines of every service in memory, numbered over all of them. Safe from any thread.</summary>
internal sealed class LogBook
{
    /// <summary>Lines kept of one service.</summary>
    internal const int MaxLines = 1000;

    /// <summary>UTF-16 units of text kept of one service.</summary>
    internal const int MaxChars = 256 * 1024;

    /// <summary>UTF-16 units of text kept of all; services share them evenly once there are many.</summary>
    internal const int MaxCharsInAll = 8 * 1024 * 1024;

    /// <summary>Services with lines; those of further ones are kept in files alone.</summary>
    internal const int MaxServices = 2 * ManifestLimits.MaxServices;

    private readonly Lock _changing = new();
    private readonly Dictionary<string, LogRing> _rings = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource _changed = NewSignal();
    private long _last;
    private bool _hasNews;

    /// <summary>Completes when what earlier supervisors kept has been read back.</summary>
    internal Task Ready => _ready.Task;

    /// <summary>Completes with the next <see cref="Publish"/> that has something to tell. Take it before looking.</summary>
    internal Task Changed => Volatile.Read(ref _changed).Task;

    /// <summary>Puts lines back that an earlier supervisor numbered; the next numbers follow theirs.</summary>
    internal void Restore(IEnumerable<LogLine> lines)
    {
        lock (_changing)
        {
            foreach (var line in lines)
            {
                _last = Math.Max(_last, line.Sequence);
                RingOf(line.Service)?.Add(line);
            }
        }
    }

    /// <summary>From now on readers are answered.</summary>
    internal void Open() => _ready.TrySetResult();

    /// <summary>Numbers a line and keeps it.</summary>
    /// <returns>The line with its number.</returns>
    internal LogLine Add(LogLine line)
    {
        lock (_changing)
        {
            var numbered = line with { Sequence = ++_last };
            RingOf(line.Service)?.Add(numbered);
            _hasNews = true;
            return numbered;
        }
    }

    /// <summary>Wakes the readers when lines were added; once for many lines.</summary>
    internal void Publish()
    {
        lock (_changing)
        {
            if (!_hasNews)
            {
                return;
            }

            _hasNews = false;
        }

        Interlocked.Exchange(ref _changed, NewSignal()).TrySetResult();
    }

    /// <summary>Whether there are lines of a service, which need not be on the node any more.</summary>
    internal bool Knows(string service)
    {
        lock (_changing)
        {
            return _rings.ContainsKey(service);
        }
    }

    /// <summary>Lines that a reader has not had, in the order of their numbers, and how many it missed.</summary>
    /// <param name="names">The services; empty for all.</param>
    /// <param name="had">How many of each it has had; brought up to date.</param>
    /// <returns>Also the number that the next line will have.</returns>
    internal (List<LogLine> Lines, long Missed, long Next) Take(IReadOnlyCollection<string> names, Dictionary<string, long> had)
    {
        var lines = new List<LogLine>();
        var (missed, next) = (0L, 0L);
        lock (_changing)
        {
            next = _last + 1;
            foreach (var (name, ring) in _rings)
            {
                if (names.Count == 0 || names.Contains(name))
                {
                    var before = had.GetValueOrDefault(name);
                    missed += Math.Max(0, ring.Dropped - before);
                    lines.AddRange(ring.After(before));
                    had[name] = ring.Added;
                }
            }
        }

        lines.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
        return (lines, missed, next);
    }

    private LogRing? RingOf(string service)
    {
        if (_rings.TryGetValue(service, out var ring) || _rings.Count == MaxServices)
        {
            return ring;
        }

        _rings[service] = ring = new LogRing(MaxLines);
        foreach (var each in _rings.Values)
        {
            each.MaxChars = Math.Min(MaxChars, MaxCharsInAll / _rings.Count);
        }

        return ring;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
