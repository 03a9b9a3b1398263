using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Finds each service's program before anything is started, so that a missing one is one clear message and not a crash loop.</summary>
/// <param name="variable">Looks an environment variable up.</param>
/// <param name="besideDir">The supervisor's own directory.</param>
internal sealed class ProgramFinder(Func<string, string?> variable, string besideDir)
{
    private const UnixFileMode AnyExecute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <summary>The path of every service's program, by service.</summary>
    /// <param name="manifests">The services.</param>
    /// <param name="missing">A fault for each whose program is not there.</param>
    internal Dictionary<string, string> FindAll(IEnumerable<ServiceManifest> manifests, out IReadOnlyList<ManifestFault> missing)
    {
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        var faults = new List<ManifestFault>();
        foreach (var manifest in manifests)
        {
            if (Find(manifest, out var fault) is { } program)
            {
                found.Add(manifest.Name, program);
            }
            else
            {
                faults.Add(new ManifestFault(manifest.Name, "exec", fault));
            }
        }

        missing = faults;
        return found;
    }

    private string? Find(ServiceManifest manifest, out string fault)
    {
        var name = VariableOf(manifest.Name);
        if (variable(name) is { Length: > 0 } given)
        {
            fault = $"{name} is {given}, which is not an executable file; correct or unset it";
            return IsProgram(given) ? Path.GetFullPath(given) : null;
        }

        if (manifest.Program[0] == '/')
        {
            fault = $"the program of {manifest.Name}, {manifest.Program}, is not an executable file";
            return IsProgram(manifest.Program) ? manifest.Program : null;
        }

        fault = $"no program \"{manifest.Program}\" for the service {manifest.Name} in {besideDir} or in PATH; build it, or set {name}";
        var path = (variable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathFullyQualified);
        return path.Prepend(besideDir).Select(dir => Path.Combine(dir, manifest.Program)).FirstOrDefault(IsProgram);
    }

    /// <summary>The variable that names a service's program, e.g. <c>STRATA_FS_BIN</c>.</summary>
    internal static string VariableOf(string service) => $"STRATA_{service.ToUpperInvariant().Replace('-', '_')}_BIN";

    private static bool IsProgram(string path) => File.Exists(path) && (File.GetUnixFileMode(path) & AnyExecute) != 0;
}
