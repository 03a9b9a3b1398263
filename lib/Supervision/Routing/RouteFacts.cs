using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Everything that decides whether one service may call a method of another.</summary>
public sealed record RouteFacts
{
    /// <summary>The service that would call.</summary>
    public required string Caller { get; init; }

    /// <summary>Its state.</summary>
    public required ServiceState CallerState { get; init; }

    /// <summary>The user it runs as.</summary>
    public required long CallerUid { get; init; }

    /// <summary>Whether that user is an authority of the node.</summary>
    public bool CallerIsAuthority { get; init; }

    /// <summary>Where its manifest says what it holds.</summary>
    public required string CallerPlace { get; init; }

    /// <summary>What the kernel keeps it from, in words.</summary>
    public string CallerConfinement { get; init; } = "none";

    /// <summary>What it holds for the service it would call; null for nothing.</summary>
    public RouteGrant? Grant { get; init; }

    /// <summary>The file with its capabilities; null when there is none.</summary>
    public string? File { get; init; }

    /// <summary>When they end; null when there are none.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>Why they could not be renewed; null when they were.</summary>
    public string? Trouble { get; init; }

    /// <summary>The method.</summary>
    public required string Method { get; init; }

    /// <summary>The service it belongs to.</summary>
    public required string Target { get; init; }

    /// <summary>That service's state; null for the supervisor, or when the node has no such service.</summary>
    public ServiceState? TargetState { get; init; }

    /// <summary>Whether the node has such a service.</summary>
    public bool TargetExists { get; init; } = true;

    /// <summary>Names to suggest when it has not.</summary>
    public ImmutableArray<string> KnownServices { get; init; } = [];

    /// <summary>What the service says of its methods; null when it could not be asked.</summary>
    public ImmutableArray<RouteMethod>? Methods { get; init; }

    /// <summary>Rights that its manifest says it offers; empty when it says nothing.</summary>
    public ImmutableArray<string> Offers { get; init; } = [];

    /// <summary>Its socket; null when there is none.</summary>
    public RouteSocket? Socket { get; init; }

    /// <summary>The time.</summary>
    public required DateTimeOffset Now { get; init; }
}
