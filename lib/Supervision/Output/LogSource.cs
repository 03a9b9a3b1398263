namespace Strata.Supervision;

/// <summary>Where a line of a service's log comes from.</summary>
public enum LogSource
{
    /// <summary>The service's standard output.</summary>
    Stdout,

    /// <summary>The service's standard error.</summary>
    Stderr,

    /// <summary>The supervisor, about this log: lines that were lost, output that is no longer followed.</summary>
    Note,
}
