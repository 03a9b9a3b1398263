namespace Strata.Supervision;

/// <summary>Where signs of life come from.</summary>
public enum LivenessSource
{
    /// <summary>The service sends WATCHDOG=1 on NOTIFY_SOCKET.</summary>
    Notify,

    /// <summary>The edge calls the service's ping method; an answer of any kind is a sign of life.</summary>
    Ping,
}
