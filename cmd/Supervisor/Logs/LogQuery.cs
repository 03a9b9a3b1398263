using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Which lines a reader wants.</summary>
/// <param name="Names">Of these services; empty for all.</param>
/// <param name="SinceSequence">From this number on; null for no such bound.</param>
/// <param name="Since">From this time on; null for no such bound.</param>
/// <param name="Limit">Of those kept before the call at most the newest so many; null for all.</param>
/// <param name="Source">Of this stream alone; null for all.</param>
internal sealed record LogQuery(IReadOnlyCollection<string> Names, long? SinceSequence, DateTimeOffset? Since, int? Limit, LogSource? Source)
{
    internal bool Wants(LogLine line) =>
        (Source is null || line.Source == Source) && !(line.Sequence < SinceSequence) && !(line.Time < Since);
}
