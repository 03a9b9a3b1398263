using System.Globalization;
using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The node's events as <c>supervisor.events</c> streams them: resumable, and honest about what was dropped.</summary>
internal static class EventStream
{
    /// <summary>Events from a number on; new ones only when null. Ends with the node.</summary>
    internal static async IAsyncEnumerable<SupervisorEvent> ReadAsync(
        NodeBoard board, long? from, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var next = Math.Max(1, from ?? board.Current.State.Log.LastSequence + 1);
        while (true)
        {
            var page = await board.FindAsync(node => EventPages.After(node, next), cancellation).ConfigureAwait(false);
            if (page.HasGap && page.Records is [var first, ..])
            {
                var cause = string.Create(CultureInfo.InvariantCulture, $"{page.Missed} events from {next} on are no longer kept");
                yield return new SupervisorEvent(first.Sequence - 1, TimeOf(first), EventNames.Gap, Cause: cause);
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
        TimeOf(record),
        EventNames.Of(record),
        record.Service,
        record.To?.ToString(),
        record.Cause,
        record.Next.Length > 0 ? record.Next : null,
        record.NextAt is { } at ? (long)Math.Max(0, (at - record.At.Wall).TotalMilliseconds) : null,
        record.Pid);

    private static string TimeOf(EventRecord record) =>
        record.At.Wall.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
