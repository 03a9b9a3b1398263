using System.Globalization;

namespace Strata.EndToEnd.Tests.Load;

/// <summary>What became of the requests of one load.</summary>
internal sealed record LoadReport
{
    /// <summary>Requests made.</summary>
    internal required int Requests { get; init; }

    /// <summary>Those answered with their own id.</summary>
    internal required int Answered { get; init; }

    /// <summary>Those that found nobody listening.</summary>
    internal required int Refused { get; init; }

    /// <summary>Those whose connection ended before the answer: UNAVAILABLE, connection_lost.</summary>
    internal required int CutOff { get; init; }

    /// <summary>Anything else, in words; should be empty.</summary>
    internal required IReadOnlyList<string> Strange { get; init; }

    /// <summary>Answered, and not carried out.</summary>
    internal required int Lost { get; init; }

    /// <summary>Carried out more than once.</summary>
    internal required int Twice { get; init; }

    /// <summary>Processes that answered.</summary>
    internal required int Processes { get; init; }

    /// <summary>Time from request to answer.</summary>
    internal required TimeSpan Median { get; init; }

    /// <summary>The same for one in a hundred.</summary>
    internal required TimeSpan P99 { get; init; }

    /// <summary>The longest.</summary>
    internal required TimeSpan Longest { get; init; }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Requests} requests, {Answered} answered by {Processes} processes, {Refused} refused, {CutOff} cut off, {Lost} lost, {Twice} carried out twice, {Strange.Count} otherwise; median {Median.TotalMilliseconds:0.00} ms, p99 {P99.TotalMilliseconds:0.0} ms, longest {Longest.TotalMilliseconds:0} ms{(Strange.Count > 0 ? ": " + Strange[0] : "")}");
}
