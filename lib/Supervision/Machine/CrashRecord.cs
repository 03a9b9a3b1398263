namespace Strata.Supervision;

/// <summary>The last crash of a service.</summary>
/// <param name="Cause">Why it counts as crashed.</param>
/// <param name="At">When.</param>
/// <param name="Incarnation">Which instance.</param>
public sealed record CrashRecord(CrashCause Cause, NodeTime At, int Incarnation);
