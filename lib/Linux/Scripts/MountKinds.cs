namespace Strata.Linux;

/// <summary>Flags of mount(2).</summary>
[Flags]
public enum MountKinds
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Read-only.</summary>
    ReadOnly = 1,

    /// <summary>Set-user-id bits mean nothing.</summary>
    NoSetUserId = 2,

    /// <summary>Device nodes mean nothing.</summary>
    NoDevices = 4,

    /// <summary>Changes a mount.</summary>
    Change = 32,

    /// <summary>Shows a directory at another place.</summary>
    Bind = 4096,

    /// <summary>With all mounts beneath.</summary>
    Recursive = 16384,

    /// <summary>Nothing is passed on to or taken from other namespaces.</summary>
    Private = 1 << 18,
}
