namespace Strata.Sandbox;

/// <summary>The bounds of the file methods.</summary>
internal sealed record SandboxFileOptions
{
    /// <summary>Most calls that may wait for a file system at once; further ones stand in line.</summary>
    internal int MaxBlockingCalls { get; init; } = 16;

    /// <summary>Most watches.</summary>
    internal int MaxWatches { get; init; } = 1024;

    /// <summary>Most uploads under way.</summary>
    internal int MaxUploads { get; init; } = 256;

    /// <summary>The same of one owner.</summary>
    internal int MaxUploadsOfOne { get; init; } = 16;

    /// <summary>How long an upload waits for its next piece.</summary>
    internal TimeSpan UploadIdle { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long an upload may take in all, whatever comes of it.</summary>
    internal TimeSpan UploadLifetime { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The most bytes of one upload of a file.</summary>
    internal long MaxUploadBytes { get; init; } = 64L * 1024 * 1024 * 1024;

    /// <summary>Most archives packed or unpacked at once; each has a thread.</summary>
    internal int MaxArchives { get; init; } = 16;

    /// <summary>The same of one owner.</summary>
    internal int MaxArchivesOfOne { get; init; } = 4;

    /// <summary>The bounds of one archive.</summary>
    internal ArchiveLimits Archives { get; init; } = new();
}
