namespace Strata.Supervision;

/// <summary>What becomes of a process that an earlier supervisor has left.</summary>
public enum TakeoverVerdict
{
    /// <summary>It is gone; how it ended is not known.</summary>
    Gone,

    /// <summary>It is proved to be the service's, and stays.</summary>
    Adopt,

    /// <summary>It is proved to be the service's, and must be replaced by a new one.</summary>
    Replace,

    /// <summary>It may be the service's and that cannot be proved: it is not touched, and the service not started over it.</summary>
    HoldDown,
}
