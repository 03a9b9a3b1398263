using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

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

    /// <summary>Most capabilities whose written bytes are counted against <c>quota_bytes</c>.</summary>
    internal int MaxQuotas { get; init; } = 65_536;

    /// <summary>Where those sums are kept.</summary>
    internal string QuotaDirectory { get; init; } = "";

    /// <summary>The longest lifetime of a capability, as identity has it: so long its sum is kept. <c>STRATA_MAX_TTL_SECONDS</c>.</summary>
    internal TimeSpan LongestTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Most watches.</summary>
    internal int MaxWatches { get; init; } = 1024;

    /// <summary>Most changes that wait for the holder of a watch; further ones are lost, which it is told.</summary>
    internal int MaxPendingEvents { get; init; } = 1024;

    /// <summary>Most entries that one <c>fs.find</c> looks at.</summary>
    internal int MaxVisited { get; init; } = 1_000_000;

    /// <summary>What of the host is served; without named roots all of it, to read.</summary>
    internal NamedRoots Roots { get; init; } = NamedRoots.None;

    /// <summary>What is never served, whatever a capability says.</summary>
    internal KeptOut KeptOut { get; init; } = KeptOut.Nothing;

    /// <summary>Reads the settings from the environment.</summary>
    /// <exception cref="SettingsException">A variable has an unusable value.</exception>
    internal static FsOptions From(Func<string, string?> variable) => new()
    {
        LongestTtl = TimeSpan.FromSeconds(NodeSettings.WholeNumber(variable, "STRATA_MAX_TTL_SECONDS", 86_400, 1, 31_536_000)),
        AuditsEveryRead = variable("STRATA_AUDIT_READS") switch
        {
            null or "" or "first" => false,
            "all" => true,
            _ => throw new SettingsException("STRATA_AUDIT_READS must be \"first\" (the first read of each handle) or \"all\""),
        },
    };
}
