using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for a session's files.</summary>
internal sealed partial class SandboxService
{
    private static IReadOnlyList<Method> FileMethods => [];
}
