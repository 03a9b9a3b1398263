namespace Strata.Supervision;

/// <summary>The two signals the supervisor sends; each goes to the service's whole process group.</summary>
public enum ProcessSignal
{
    /// <summary>SIGTERM: finish what is in flight, then end.</summary>
    Terminate,

    /// <summary>SIGKILL.</summary>
    Kill,
}
