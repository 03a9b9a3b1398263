namespace Strata.Supervision;

/// <summary>How much of what a service prints is kept. The bytes on disk are at most <see cref="MaxBytes"/> times <see cref="Files"/>.</summary>
public sealed record LogPolicy
{
    /// <summary>Four files of 1 MiB, 1000 lines a second.</summary>
    public static LogPolicy Default { get; } = new();

    /// <summary>Size of one file in bytes, above which a new one is begun: 64 KiB to 1 GiB, default 1 MiB.</summary>
    public long MaxBytes { get; init; } = 1024 * 1024;

    /// <summary>Files kept, the present one included: 1 to 100, default 4.</summary>
    public int Files { get; init; } = 4;

    /// <summary>Lines a second that are kept in the long run: 1 to 100000, default 1000. See <see cref="LineRate"/>.</summary>
    public int Rate { get; init; } = 1000;
}
