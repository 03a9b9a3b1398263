using Strata.Linux;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Audit;

/// <summary>The records of all logs in the order of their times, and those that are added later.</summary>
/// <param name="directory">The audit directory.</param>
/// <param name="services">Whose logs.</param>
internal sealed class AuditTrail(string directory, IReadOnlyList<string> services)
{
    private readonly Dictionary<string, (ulong Inode, long Offset)> _places = new(StringComparer.Ordinal);
    private long _unreadable;

    /// <summary>Records that are there and were not read yet: the first time all, later the new ones.</summary>
    public IEnumerable<AuditEntry> Read()
    {
        var queue = new PriorityQueue<IEnumerator<AuditEntry>, (DateTimeOffset, int)>();
        try
        {
            for (var i = 0; i < services.Count; i++)
            {
                Advance(queue, ReadLog(services[i]).GetEnumerator(), i);
            }

            while (queue.TryDequeue(out var next, out var place))
            {
                yield return next.Current;
                Advance(queue, next, place.Item2);
            }
        }
        finally
        {
            while (queue.TryDequeue(out var left, out _))
            {
                left.Dispose();
            }
        }
    }

    /// <summary>Tells a person of lines that were left out.</summary>
    public void TellUnreadable(Session session)
    {
        if (_unreadable > 0)
        {
            session.Notice($"{_unreadable} lines are no records and were left out; run: strata-ctl audit verify");
        }
    }

    private static void Advance(PriorityQueue<IEnumerator<AuditEntry>, (DateTimeOffset, int)> queue, IEnumerator<AuditEntry> log, int place)
    {
        if (log.MoveNext())
        {
            queue.Enqueue(log, (AuditFilter.TimeOf(log.Current.Record) ?? DateTimeOffset.MinValue, place));
        }
        else
        {
            log.Dispose();
        }
    }

    private IEnumerable<AuditEntry> ReadLog(string service)
    {
        // The file that was read last may have been rotated since; older ones were read whole.
        var parts = AuditLogs.PartsOf(directory, service);
        var known = _places.TryGetValue(service, out var place) ? parts.TakeWhile(p => p.Inode != place.Inode).Count() : 0;
        foreach (var part in parts.Skip(known < parts.Count ? known : 0))
        {
            if (TryOpen(part, part.Inode == place.Inode ? place.Offset : 0) is not { } reader)
            {
                continue;
            }

            using (reader)
            {
                while (Next(reader, service, out var entry))
                {
                    _places[service] = (part.Inode, reader.Offset);
                    if (entry is not null)
                    {
                        yield return entry;
                    }
                }

                _places[service] = (part.Inode, reader.Offset);
            }
        }
    }

    private bool Next(AuditReader reader, string service, out AuditEntry? entry)
    {
        entry = null;
        if (!reader.TryRead(out var line))
        {
            return false;
        }

        entry = AuditEntry.Read(service, line);
        _unreadable += entry is null ? 1 : 0;
        return true;
    }

    /// <summary>Opens a file; null when it was dropped, or another has its name, since it was found: rotation may be going on.</summary>
    private static AuditReader? TryOpen(AuditLogs.Part part, long offset)
    {
        for (var i = 0; i < 2; i++)
        {
            try
            {
                return new AuditReader(part.Path, offset);
            }
            catch (FileNotFoundException)
            {
                if (FileStatus.TryGetNoFollow(part.Path, out var status) < 0 || status.Inode != part.Inode)
                {
                    return null;
                }
            }
        }

        return null;
    }
}
