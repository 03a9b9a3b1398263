namespace Strata.Exec;

/// <summary>Why a run is over.</summary>
internal enum RunEnd
{
    /// <summary>The program ended by itself.</summary>
    Exited,

    /// <summary>It was killed when its time was up.</summary>
    TimedOut,

    /// <summary>It was killed because it printed more than it may.</summary>
    TooMuchOutput,

    /// <summary>It was killed because nobody waits for its answer.</summary>
    Cancelled,
}
