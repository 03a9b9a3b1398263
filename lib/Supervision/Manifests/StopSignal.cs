namespace Strata.Supervision;

/// <summary>The signals that may ask a service to end; each is what a program can handle, and ends it if it does not.</summary>
public enum StopSignal
{
    /// <summary>The default.</summary>
    SIGTERM,

    /// <summary>As from a terminal.</summary>
    SIGINT,

    /// <summary>For programs that tell a graceful end (SIGQUIT) from a fast one.</summary>
    SIGQUIT,

    /// <summary>For programs that take the loss of their terminal for the end.</summary>
    SIGHUP,

    /// <summary>For programs that give it this meaning.</summary>
    SIGUSR1,

    /// <summary>For programs that give it this meaning.</summary>
    SIGUSR2,
}
