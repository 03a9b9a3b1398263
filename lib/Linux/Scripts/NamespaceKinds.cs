namespace Strata.Linux;

/// <summary>Kinds of namespaces, by the kernel's bits.</summary>
[Flags]
public enum NamespaceKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Mounts.</summary>
    Mounts = 0x00020000,

    /// <summary>Control groups.</summary>
    ControlGroups = 0x02000000,

    /// <summary>Host name.</summary>
    Names = 0x04000000,

    /// <summary>System V and POSIX communication.</summary>
    Communication = 0x08000000,

    /// <summary>Users.</summary>
    Users = 0x10000000,

    /// <summary>Processes.</summary>
    Processes = 0x20000000,

    /// <summary>Network.</summary>
    Network = 0x40000000,
}
