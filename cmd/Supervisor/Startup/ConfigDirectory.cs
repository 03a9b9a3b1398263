using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Where an operator's manifests lie, and how they are read.</summary>
internal static class ConfigDirectory
{
    internal const string Variable = "STRATA_CONFIG_DIR";

    private const string Default = "/etc/strata";
    private const string Services = "services.d";

    /// <summary>Reads and checks the manifests of the directory that the environment names.</summary>
    /// <param name="variable">Looks an environment variable up.</param>
    /// <exception cref="SettingsException">The variable is no absolute path.</exception>
    internal static NodeConfiguration Read(Func<string, string?> variable)
    {
        var given = variable(Variable) is { Length: > 0 } value ? value : Default;
        if (!Path.IsPathFullyQualified(given))
        {
            throw new SettingsException($"{Variable} must be an absolute path, not {given}");
        }

        var path = Path.Combine(given, Services);
        var directory = TrustedDirectory.Read(path, ManifestFile.Suffix, ManifestLimits.MaxServices, ManifestLimits.MaxFileBytes, judge: true);
        return NodeConfiguration.Read(
            [.. directory.Files.Select(f => new ManifestFile(f.Path, f.Content) { Unreadable = f.Fault })],
            [.. directory.Faults.Select(fault => new LocatedFault(path, 0, 0, "", fault))]);
    }
}
