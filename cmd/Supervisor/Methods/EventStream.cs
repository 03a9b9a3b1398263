using System.Globalization;
using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The node's events as <c>supervisor.events</c> streams them: resumable, and honest about what was dropped.</summary>
internal static class EventStream
{
    /// <summary>Events from a number on; new ones only when null. Ends with the node.</summary>
    /// <param name="board">The node.</param>
    /// <param name="from">The first number wanted.</param>
    /// <param name="mark">Whether the end of what is kept is marked by an item of its own.</param>
    /// <param name="cancellation">Ends the stream.</param>
    internal static async IAsyncEnumerable<SupervisorEvent> ReadAsync(
        NodeBoard board, long? from, bool mark = false, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var kept = board.Current;
        var last = kept.State.Log.LastSequence;
        var next = Math.Max(1, from ?? last + 1);
        if (next > last + 1)
        {
            // Numbers begin anew with each supervisor: whoever waits here for a number of the last one would wait for long.
            var now = kept.State.Now.Wall;
            yield return new SupervisorEvent(0, TimeOf(now), EventNames.Reset, Cause: Invariant($"event {next} has not happened: numbers begin anew when the supervisor starts, and end at {last}"));
            next = 1;
        }

        while (true)
        {
            if (mark && next > last)
            {
                mark = false;
                yield return new SupervisorEvent(next - 1, TimeOf(kept.State.Now.Wall), EventNames.CaughtUp);
            }

            var page = await board.FindAsync(node => EventPages.After(node, next), cancellation).ConfigureAwait(false);
            if (page.HasGap && page.Records is [var first, ..])
            {
                var cause = Invariant($"{page.Missed} events from {next} on are no longer kept");
                yield return new SupervisorEvent(first.Sequence - 1, TimeOf(first.At.Wall), EventNames.Gap, Cause: cause, Missed: page.Missed);
            }

            foreach (var record in page.Records)
            {
                yield return Of(record);
            }

            if (page.Records[^1].Kind == EventKind.NodeStopped)
            {
                yield break;
            }

            next = page.NextSequence;
        }
    }

    internal static SupervisorEvent Of(EventRecord record) => new(
        record.Sequence,
        TimeOf(record.At.Wall),
        EventNames.Of(record),
        record.Service,
        record.To?.ToString(),
        record.Cause,
        record.Next.Length > 0 ? record.Next : null,
        record.NextAt is { } at ? (long)Math.Max(0, (at - record.At.Wall).TotalMilliseconds) : null,
        record.Pid,
        record.Crash is { } crash ? CrashNameOf(crash.Kind) : null,
        record.Crash is { Kind: CrashKind.ExitCode } exit ? exit.Number : null,
        record.Crash is { Kind: CrashKind.Signal } signal ? signal.Number : null,
        Incarnation: record.Incarnation > 0 ? record.Incarnation : null,
        Summary: EventSummary.Of(record));

    /// <summary>The kind in the spelling of the protocol: <c>WatchdogMissed</c> is <c>watchdog_missed</c>.</summary>
    private static string CrashNameOf(CrashKind kind) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString());

    internal static string TimeOf(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
