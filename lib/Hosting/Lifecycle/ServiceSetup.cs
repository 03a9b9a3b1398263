using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>A service, ready to be served.</summary>
/// <param name="Methods">Its declared methods.</param>
/// <param name="Authorizer">Its authorization point.</param>
public sealed record ServiceSetup(IReadOnlyList<Method> Methods, IAuthorizer Authorizer)
{
    /// <summary>Work that runs until the service stops; one that ends by a fault ends the service.</summary>
    public IReadOnlyList<Func<CancellationToken, Task>> Background { get; init; } = [];

    /// <summary>The service announces readiness when this completes. Default at once.</summary>
    public Task ReadyWhen { get; init; } = Task.CompletedTask;

    /// <summary>Called when the drain is over, before the process ends.</summary>
    public Func<ValueTask>? OnStopped { get; init; }

    /// <summary>Bounds of its server.</summary>
    public ServerOptions Server { get; init; } = new();
}
