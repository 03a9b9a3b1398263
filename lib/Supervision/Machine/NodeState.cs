using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>The whole node at one instant: immutable, so that it can be published as a snapshot.</summary>
public sealed record NodeState
{
    /// <summary>The validated services and their order.</summary>
    public required NodePlan Plan { get; init; }

    /// <summary>Every service by name.</summary>
    public required ImmutableDictionary<string, ServiceStatus> Services { get; init; }

    /// <summary>When the node was created.</summary>
    public required NodeTime StartedAt { get; init; }

    /// <summary>The time of the latest event; the monotonic part never goes backwards.</summary>
    public required NodeTime Now { get; init; }

    /// <summary>The latest event records.</summary>
    public EventLog Log { get; init; } = EventLog.Empty;

    /// <summary>Where the jitter of the next backoff comes from.</summary>
    public required JitterSource Jitter { get; init; }

    /// <summary>Whether the node is on its way down.</summary>
    public bool ShuttingDown { get; init; }

    /// <summary>Who wanted the shutdown; null while nobody has.</summary>
    public string? ShutdownBecause { get; init; }

    /// <summary>Whether everything has stopped and <see cref="Effect.Exit"/> was given.</summary>
    public bool Ended { get; init; }

    /// <summary>Services whose process survived every kill during shutdown.</summary>
    public ImmutableArray<string> Abandoned { get; init; } = [];

    /// <summary>Whether the node has begun to start its services; one that is added later is started at once.</summary>
    public bool HasStarted { get; init; }

    /// <summary>Counts the configurations since the node was created, from 1.</summary>
    public int Generation { get; init; } = 1;

    /// <summary>The highest incarnation of any service that was removed; one that is added counts on from it.</summary>
    public int LastIncarnation { get; init; }

    /// <summary>When timers that catch up last ran, by the wall clock, as far as that is known.</summary>
    public ImmutableDictionary<string, DateTimeOffset> LastRuns { get; init; } = ImmutableDictionary<string, DateTimeOffset>.Empty;

    /// <summary>What is declared: every service but those that were removed and are still stopping.</summary>
    public IReadOnlyDictionary<string, ServiceManifest> Declared =>
        Services.Values.Where(s => !s.Leaving).ToDictionary(s => s.Name, s => s.Manifest, StringComparer.Ordinal);

    /// <summary>Whether a verdict on some service is still to come: one that is up is good, one that has failed twice is bad, and one that cannot start before another waits for that one's.</summary>
    public bool IsComingUp => Services.Keys.Any(name => Dependencies.IsAwaited(this, name));

    /// <summary>
    /// The earliest pending deadline by the monotonic clock; null when nothing timed is pending. The edge delivers what
    /// has already happened first, and then <see cref="NodeEvent.Tick"/> once this has come.
    /// </summary>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? earliest = null;
            foreach (var service in Services.Values)
            {
                if (service.NextDue is { } due && !(earliest <= due))
                {
                    earliest = due;
                }
            }

            return earliest;
        }
    }
}
