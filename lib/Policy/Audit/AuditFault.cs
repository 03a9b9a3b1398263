namespace Strata.Policy;

/// <summary>What is wrong with an audit log, and where first.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Seq">The first record concerned.</param>
/// <param name="Message">A sentence that says so.</param>
public sealed record AuditFault(AuditFaultKind Kind, long Seq, string Message);
