namespace Strata.Supervision;

/// <summary>Which system calls a service may make.</summary>
public enum SeccompMode
{
    /// <summary>All but those that only attackers have a use for.</summary>
    Default,

    /// <summary>As Default, no sockets but Unix ones, and no other program.</summary>
    Strict,

    /// <summary>All.</summary>
    None,

    /// <summary>As Default, and mounts, namespaces and tracing as well: what makes sandboxes needs the former, and programs in them that are being debugged the latter.</summary>
    Namespaces,
}
