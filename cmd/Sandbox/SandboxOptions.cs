using Strata.Hosting;

namespace Strata.Sandbox;

/// <summary>The bounds and settings of the sandbox service.</summary>
internal sealed record SandboxOptions
{
    /// <summary>Where sessions, workspaces, snapshots and images are kept.</summary>
    internal required string StateDirectory { get; init; }

    /// <summary>Reads the settings from the environment.</summary>
    /// <exception cref="SettingsException">A variable has an unusable value.</exception>
    internal static SandboxOptions From(Func<string, string?> variable, NodeSettings settings) =>
        new() { StateDirectory = Path.Combine(settings.StateDir, "sandbox") };
}
