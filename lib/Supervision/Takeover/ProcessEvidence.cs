namespace Strata.Supervision;

/// <summary>What the machine tells of the process that a record names.</summary>
/// <param name="SameBoot">Whether the record is of this boot.</param>
/// <param name="Lives">Whether there is a living process of that pid and start time.</param>
/// <param name="LeadsSession">Whether it leads a session and a process group of its own, as every process of a service does for life.</param>
/// <param name="InGroup">Whether it is in the control group of the record; null when the record names none.</param>
/// <param name="BearsMark">Whether it holds the service's socket or output, or was started with the node's address: something no stranger has.</param>
public sealed record ProcessEvidence(bool SameBoot, bool Lives, bool LeadsSession, bool? InGroup, bool BearsMark)
{
    /// <summary>There is no such process.</summary>
    public static ProcessEvidence None { get; } = new(true, false, false, null, false);
}
