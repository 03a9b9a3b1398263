namespace Strata.Supervision;

/// <summary>The named maxima of manifests. Each has a test at the limit and one past it.</summary>
public static class ManifestLimits
{
    /// <summary>Services on one node.</summary>
    public const int MaxServices = 256;

    /// <summary>Bytes of a manifest file.</summary>
    public const int MaxFileBytes = 64 * 1024;

    /// <summary>Objects and lists inside one another in a manifest file.</summary>
    public const int MaxDepth = 8;

    /// <summary>Faults of one file that are shown; the rest is said to be there.</summary>
    public const int MaxFaultsPerFile = 100;

    /// <summary>Characters of a description.</summary>
    public const int MaxDescriptionChars = 256;

    /// <summary>Characters of a service's name.</summary>
    public const int MaxNameChars = 63;

    /// <summary>Characters of a program path.</summary>
    public const int MaxProgramChars = 4095;

    /// <summary>Arguments of a program.</summary>
    public const int MaxArguments = 128;

    /// <summary>Characters of one argument, or of one environment variable's value.</summary>
    public const int MaxArgumentChars = 4096;

    /// <summary>Environment variables.</summary>
    public const int MaxEnvironment = 128;

    /// <summary>Characters of an environment variable's name.</summary>
    public const int MaxEnvironmentNameChars = 128;

    /// <summary>Dependencies of one kind.</summary>
    public const int MaxDependencies = 32;

    /// <summary>Characters of a socket's file name; short, because a socket's whole path must stay under 108 bytes.</summary>
    public const int MaxSocketNameChars = 68;

    /// <summary>Connections that may wait at a socket; the kernel's own default limit.</summary>
    public const int MaxBacklog = 4096;

    /// <summary>Descriptors kept for the next instance of a service.</summary>
    public const int MaxStoredDescriptors = 32;

    /// <summary>Least memory: below it no runtime starts.</summary>
    public const long MinMemoryBytes = 1L << 20;

    /// <summary>Most memory.</summary>
    public const long MaxMemoryBytes = 1L << 44;

    /// <summary>Least processor time, in processors.</summary>
    public const double MinCpus = 0.01;

    /// <summary>Most processor time, in processors.</summary>
    public const double MaxCpus = 1024;

    /// <summary>Most processes and threads; the kernel knows no more.</summary>
    public const int MaxPids = 4_194_304;

    /// <summary>Fewest open descriptors.</summary>
    public const int MinOpenFiles = 16;

    /// <summary>Most open descriptors.</summary>
    public const int MaxOpenFiles = 1_048_576;

    /// <summary>Characters of a user's or a group's name.</summary>
    public const int MaxAccountChars = 32;

    /// <summary>Capabilities kept.</summary>
    public const int MaxCapabilities = 64;

    /// <summary>Characters of the name of a capability.</summary>
    public const int MaxCapabilityChars = 32;

    /// <summary>Paths of one kind.</summary>
    public const int MaxPaths = 64;

    /// <summary>Capabilities that a service holds.</summary>
    public const int MaxHeldCapabilities = 16;

    /// <summary>Rights of one capability that a service holds.</summary>
    public const int MaxHeldRights = Policy.ClaimLimits.MaxRights;

    /// <summary>Rights that a service offers.</summary>
    public const int MaxOffers = 128;

    /// <summary>Characters of a right.</summary>
    public const int MaxRightChars = Policy.ClaimLimits.MaxNameBytes;

    /// <summary>Longest drain.</summary>
    public static TimeSpan MaxDrain { get; } = TimeSpan.FromSeconds(60);
}
