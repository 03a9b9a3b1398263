using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for snapshots and forks.</summary>
internal sealed partial class SandboxService
{
    private static IReadOnlyList<Method> SnapshotMethods => [];
}
