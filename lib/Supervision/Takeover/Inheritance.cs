namespace Strata.Supervision;

/// <summary>The verdict on a service's process.</summary>
/// <param name="Verdict">What becomes of it.</param>
/// <param name="Pid">Its pid; 0 when it never had one.</param>
/// <param name="Reason">Why, in words that follow the service's name; empty when there is nothing to say.</param>
public sealed record Inheritance(TakeoverVerdict Verdict, int Pid = 0, string Reason = "");
