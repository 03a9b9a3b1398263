using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// The log as <c>supervisor.logs</c> gives it: what is kept, a mark where that ends, then what comes. Nothing waits for a
/// reader: it takes from the book when it can, and is told how many lines were dropped before it did.
/// </summary>
internal static class LogReading
{
    /// <summary>Lines of one page.</summary>
    internal const int MaxPageLines = 500;

    /// <summary>UTF-16 units of text of one page. Each may take six bytes of JSON, twice for a line with fields: half a frame.</summary>
    internal const int MaxPageChars = 48 * 1024;

    /// <summary>Pages without end; the caller's cancellation ends them.</summary>
    internal static async IAsyncEnumerable<LogPage> ReadAsync(LogBook book, LogQuery query, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await book.Ready.WaitAsync(cancellation).ConfigureAwait(false);
        var had = new Dictionary<string, long>(StringComparer.Ordinal);
        // What had been dropped before the reader came is nothing that it missed.
        var (all, _, first) = book.Take(query.Names, had);
        var kept = all.Where(query.Wants).ToList();
        var skip = Math.Max(0, kept.Count - (query.Limit ?? int.MaxValue));
        foreach (var page in Pages(kept[skip..], first, missed: 0, live: false))
        {
            yield return page;
        }

        while (true)
        {
            var changed = book.Changed;
            var (lines, missed, next) = book.Take(query.Names, had);
            var wanted = lines.Where(query.Wants).ToList();
            if (wanted.Count == 0 && missed == 0)
            {
                await changed.WaitAsync(cancellation).ConfigureAwait(false);
                continue;
            }

            foreach (var page in Pages(wanted, next, missed, live: true))
            {
                yield return page;
            }
        }
    }

    /// <summary>Cuts lines into pages; at least one, so that an empty log has its mark as well.</summary>
    internal static IEnumerable<LogPage> Pages(List<LogLine> lines, long next, long missed, bool live)
    {
        var at = 0;
        do
        {
            var from = at;
            var chars = 0;
            while (at < lines.Count && at - from < MaxPageLines && (at == from || chars + lines[at].Text.Length <= MaxPageChars))
            {
                chars += lines[at++].Text.Length;
            }

            var whole = at == lines.Count;
            var after = whole ? Math.Max(next, at > 0 ? lines[at - 1].Sequence + 1 : 0) : lines[at].Sequence;
            yield return new LogPage([.. lines[from..at].Select(Of)], after, live || whole, from == 0 && missed > 0 ? missed : null);
        }
        while (at < lines.Count);
    }

    private static LogEntry Of(LogLine line) => new(
        line.Sequence,
        LogNames.Of(line.Time),
        line.Service,
        LogNames.Of(line.Source),
        line.Incarnation,
        line.Text,
        line.Cut ? true : null,
        line.Lost > 0 ? line.Lost : null,
        line.Source == LogSource.Note ? null : LogfmtLine.Read(line.Service, line.Text));
}
