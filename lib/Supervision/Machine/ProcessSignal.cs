namespace Strata.Supervision;

/// <summary>The two kinds of signals the supervisor sends; each goes to the service's whole process group.</summary>
public enum ProcessSignal
{
    /// <summary>The manifest's stop signal: finish what is in flight, then end.</summary>
    Terminate,

    /// <summary>SIGKILL.</summary>
    Kill,
}
