using Strata.Hosting;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>The bounds and settings of the file service.</summary>
internal sealed record FsOptions
{
    /// <summary>Most open handles of one capability.</summary>
    internal int MaxHandlesPerCapability { get; init; } = 64;

    /// <summary>Most open handles in all.</summary>
    internal int MaxHandles { get; init; } = 4096;

    /// <summary>Most calls that may wait for a file system at once; further ones stand in line.</summary>
    internal int MaxBlockingCalls { get; init; } = 16;

    /// <summary>How often handles of expired capabilities are closed.</summary>
    internal TimeSpan ExpirySweep { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>True audits every read, false the first of each handle.</summary>
    internal bool AuditsEveryRead { get; init; }

    /// <summary>What is never served, whatever a capability says.</summary>
    internal KeptOut KeptOut { get; init; } = KeptOut.Nothing;

    /// <summary>Reads the settings from the environment.</summary>
    /// <exception cref="SettingsException"><c>STRATA_AUDIT_READS</c> is neither <c>first</c> nor <c>all</c>.</exception>
    internal static FsOptions From(Func<string, string?> variable) => new()
    {
        AuditsEveryRead = variable("STRATA_AUDIT_READS") switch
        {
            null or "" or "first" => false,
            "all" => true,
            _ => throw new SettingsException("STRATA_AUDIT_READS must be \"first\" (the first read of each handle) or \"all\""),
        },
    };
}
