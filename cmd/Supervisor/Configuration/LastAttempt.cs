namespace Strata.Supervisor;

/// <summary>How the last attempt to apply a configuration ended.</summary>
/// <param name="At">When.</param>
/// <param name="Outcome">applied, unchanged or refused.</param>
internal sealed record LastAttempt(DateTimeOffset At, string Outcome);
