namespace Strata.Supervision;

/// <summary>One line that a service printed, or that the supervisor noted about its log.</summary>
public sealed record LogLine
{
    /// <summary>Counts the lines of all services of the node, in the order in which they were read; 0 before it is given.</summary>
    public long Sequence { get; init; }

    /// <summary>When it was read, wall clock.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>The service.</summary>
    public required string Service { get; init; }

    /// <summary>Where it comes from.</summary>
    public required LogSource Source { get; init; }

    /// <summary>The instance that printed it, counted from 1 since the supervisor started; 0 for the supervisor's own.</summary>
    public int Incarnation { get; init; }

    /// <summary>The text without its end of line. May hold control characters: whoever shows it escapes them.</summary>
    public required string Text { get; init; }

    /// <summary>Whether the line was longer than <see cref="LineSplitter.MaxLineBytes"/> and only its beginning is kept.</summary>
    public bool Cut { get; init; }

    /// <summary>Lines lost before this one; only in notes.</summary>
    public long Lost { get; init; }
}
