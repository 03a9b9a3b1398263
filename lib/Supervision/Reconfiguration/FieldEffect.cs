namespace Strata.Supervision;

/// <summary>What it takes for a changed field of a manifest to hold.</summary>
public enum FieldEffect
{
    /// <summary>Nothing: it is the supervisor that heeds it, from its next decision on. The process runs on.</summary>
    Live,

    /// <summary>A new process: the old one was made with what the field said before.</summary>
    Restart,
}
