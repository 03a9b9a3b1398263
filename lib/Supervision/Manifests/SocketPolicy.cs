namespace Strata.Supervision;

/// <summary>Who may reach a service's listening socket, and how many may wait at it.</summary>
public sealed record SocketPolicy
{
    /// <summary>What holds for a manifest that says nothing.</summary>
    public static SocketPolicy Default { get; } = new();

    /// <summary>
    /// Permission bits, 0 to 0777; connecting needs write permission. Default 0666: whether a caller may do anything is decided by
    /// capability, not by reach.
    /// </summary>
    public int Mode { get; init; } = 0x1B6;

    /// <summary>Name or number of the group that owns it; null (the default) means the supervisor's.</summary>
    public string? Group { get; init; }

    /// <summary>Connections that may wait to be accepted; the kernel cuts it at its own limit. Default 1024.</summary>
    public int Backlog { get; init; } = 1024;

    /// <summary>Whether its process is started when somebody connects, and not before. Default false.</summary>
    public bool OnDemand { get; init; }

    /// <summary>
    /// Whether a rolling restart may let a second instance take connections while the first one drains; false for a service whose
    /// state only one instance at a time can hold. Default true.
    /// </summary>
    public bool Rolling { get; init; } = true;
}
