namespace Strata.Linux;

/// <summary>Which system calls a child may make.</summary>
public enum SeccompProfile
{
    /// <summary>All of them.</summary>
    None,

    /// <summary>All but those that services have no use for and attackers do (<see cref="SeccompFilter.DeniedCalls"/>).</summary>
    Default,

    /// <summary>As <see cref="Default"/>, and no sockets but Unix ones, and no other program after the first.</summary>
    Strict,

    /// <summary>As <see cref="Default"/>, but mounts, namespaces and tracing stay: for services that make sandboxes, whose programs inherit it.</summary>
    Namespaces,
}
