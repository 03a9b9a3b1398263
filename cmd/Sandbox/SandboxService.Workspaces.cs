using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for workspaces.</summary>
internal sealed partial class SandboxService
{
    private static IReadOnlyList<Method> WorkspaceMethods => [];
}
