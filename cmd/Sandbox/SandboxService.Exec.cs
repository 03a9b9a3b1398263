using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for running programs and shells in a session.</summary>
internal sealed partial class SandboxService
{
    private static IReadOnlyList<Method> ExecMethods => [];
}
