namespace Strata.Supervision;

/// <summary>The one instance of a service that exists, or was asked for.</summary>
/// <param name="Incarnation">Which instance this is, counted from 1.</param>
/// <param name="Pid">Its process; null until the spawn is confirmed.</param>
public sealed record ServiceProcess(int Incarnation, int? Pid);
