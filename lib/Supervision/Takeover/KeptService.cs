using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>What a supervisor leaves to its successor about one service. Monotonic times are those of the machine's clock since boot.</summary>
public sealed record KeptService
{
    /// <summary>The longest reason kept, in UTF-16 units; a longer one is cut.</summary>
    public const int MaxBecauseChars = 512;

    /// <summary>The service.</summary>
    public required string Name { get; init; }

    /// <summary>What kind of service it was started as.</summary>
    public ServiceKind Kind { get; init; }

    /// <summary>Its state.</summary>
    public ServiceState State { get; init; }

    /// <summary>When that was entered.</summary>
    public NodeTime Since { get; init; }

    /// <summary>Why.</summary>
    public string Because { get; init; } = "";

    /// <summary>How often a process was asked for.</summary>
    public int Incarnation { get; init; }

    /// <summary>Its present instance, which exists or was asked for; null when there is none.</summary>
    public int? Present { get; init; }

    /// <summary>Whether it shall run once what is under way has ended.</summary>
    public bool Wanted { get; init; }

    /// <summary>Whether the registry shall know it.</summary>
    public bool Listed { get; init; }

    /// <summary>Whether an operator stopped it.</summary>
    public bool StoppedByOperator { get; init; }

    /// <summary>Its pending deadline.</summary>
    public ServiceTimer? Timer { get; init; }

    /// <summary>How often its process was killed without going.</summary>
    public int KillAttempts { get; init; }

    /// <summary>Since when it is Healthy.</summary>
    public NodeTime? HealthySince { get; init; }

    /// <summary>Crashes without a healthy period between them.</summary>
    public int ConsecutiveCrashes { get; init; }

    /// <summary>Crashes inside the quarantine window.</summary>
    public ImmutableArray<TimeSpan> RecentCrashes { get; init; } = [];

    /// <summary>The last crash.</summary>
    public CrashRecord? LastCrash { get; init; }

    /// <summary>Times it was started again after a crash.</summary>
    public int Restarts { get; init; }

    /// <summary>Its living processes; one that was asked for and is not among them never began its program.</summary>
    public ImmutableArray<KeptProcess> Processes { get; init; } = [];

    /// <summary>Inode number of its listening socket; null when it has none.</summary>
    public ulong? SocketInode { get; init; }

    /// <summary>Inode number of that socket's path, which tells whether the path still leads to it.</summary>
    public ulong? PathInode { get; init; }

    /// <summary>What is to be kept of a service.</summary>
    public static KeptService Of(ServiceStatus service) => new()
    {
        Name = service.Name,
        Kind = service.Manifest.Kind,
        State = service.State,
        Since = service.Since,
        Because = service.Because.Length > MaxBecauseChars ? service.Because[..MaxBecauseChars] : service.Because,
        Incarnation = service.Incarnation,
        Present = service.Process?.Incarnation,
        Wanted = service.Wanted,
        Listed = service.Listed,
        StoppedByOperator = service.StoppedByOperator,
        Timer = service.Timer,
        KillAttempts = service.KillAttempts,
        HealthySince = service.HealthySince,
        ConsecutiveCrashes = service.ConsecutiveCrashes,
        RecentCrashes = service.RecentCrashes,
        LastCrash = service.LastCrash,
    };
}
