using System.Collections;
using System.Globalization;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// The whole environment of a service: what the supervisor says, what the manifest says, and of the ambient variables
/// only settings. Whatever else the operator's shell holds is none of a service's business.
/// </summary>
/// <param name="ambient">The supervisor's own environment.</param>
/// <param name="settings">The node.</param>
/// <param name="notifyPath">Where services announce themselves.</param>
/// <param name="declared">Names of the node's services, the supervisor's own included.</param>
/// <param name="supervisorPid">Whose death ends the services.</param>
internal sealed class ChildEnvironment(
    IReadOnlyDictionary<string, string> ambient, NodeSettings settings, string notifyPath, IReadOnlyList<string> declared, int supervisorPid)
{
    private const int FirstPassed = 3;
    private const string ReadyDescriptor = "STRATA_READY_FD";
    private const string Capabilities = "STRATA_CAPABILITIES";

    // A .NET runtime's port for debuggers is a socket and two pipes in /tmp, which a process that is killed leaves behind. Whoever wants it says so.
    internal const string Diagnostics = "DOTNET_EnableDiagnostics";
    internal const string DiagnosticsOff = "0";

    private static readonly HashSet<string> Passed = ["PATH", "HOME", "LANG", "TZ"];

    // A client's token is an authority of whoever typed it, not of the node's services; the passphrase is identity's alone.
    private static readonly HashSet<string> Withheld = ["STRATA_TOKEN", "STRATA_HOLDER_KEY_FILE", PassphraseFile.Variable, PassphraseFile.PreviousVariable, SupervisorOptions.ExitWithChildrenVariable, Handover.Variable, Handover.Refusal];

    private IReadOnlyList<string> _declared = declared;

    /// <summary>From now on services are told that these are the node's.</summary>
    internal void Declare(IReadOnlyList<string> names) => _declared = names;

    /// <summary>The present process's environment.</summary>
    internal static Dictionary<string, string> Ambient() => Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    /// <summary>Where the services' sockets are.</summary>
    internal string RuntimeDir => settings.RuntimeDir;

    /// <summary>What the names stand for that may begin a path of a service's confinement.</summary>
    internal IReadOnlyDictionary<string, string> DirectoriesOf(string program) => new Dictionary<string, string>
    {
        [PathVariables.StateDir] = settings.StateDir,
        [PathVariables.RuntimeDir] = settings.RuntimeDir,
        [PathVariables.ProgramDir] = Path.GetDirectoryName(program) ?? "/",
    };

    /// <summary>The node's own directories, by what they are called.</summary>
    internal IReadOnlyList<(string Name, string Path)> OwnDirectories => [("state directory", settings.StateDir), ("runtime directory", settings.RuntimeDir)];

    /// <summary>What a setting is for a service: its manifest's word, else the ambient one; null when neither has it.</summary>
    internal string? ValueOf(ServiceManifest manifest, string name) => manifest.Environment.GetValueOrDefault(name) ?? ambient.GetValueOrDefault(name);

    /// <summary>The files with passphrases that a service is told of, by variable: those of identity, also where they are the supervisor's own credentials.</summary>
    internal IReadOnlyList<(string Variable, string Path)> PassphraseFilesOf(ServiceManifest manifest)
    {
        if (manifest.Name != NodePlan.IdentityName)
        {
            return [];
        }

        (string Variable, string? Path)[] files =
        [
            (PassphraseFile.Variable, PassphraseFile.Find(name => ValueOf(manifest, name))),
            (PassphraseFile.PreviousVariable, ValueOf(manifest, PassphraseFile.PreviousVariable)),
        ];
        return [.. files.Where(file => !string.IsNullOrEmpty(file.Path)).Select(file => (file.Variable, file.Path!))];
    }

    /// <summary>The environment of one service as <c>NAME=value</c>.</summary>
    /// <param name="manifest">The service.</param>
    /// <param name="capabilities">The file with its capabilities; null when it has none.</param>
    /// <param name="stored">Names of the descriptors it had stored, which follow its socket; null for none.</param>
    internal IReadOnlyList<string> For(ServiceManifest manifest, string? capabilities = null, IReadOnlyList<string>? stored = null)
    {
        var result = ambient.Where(v => IsPassed(v.Key)).ToDictionary(StringComparer.Ordinal);
        result.TryAdd(Diagnostics, DiagnosticsOff);
        foreach (var (name, value) in manifest.Environment)
        {
            result[name] = value;
        }

        foreach (var (name, path) in PassphraseFilesOf(manifest))
        {
            result[name] = path;
        }

        result["STRATA_RUNTIME_DIR"] = settings.RuntimeDir;
        result["STRATA_STATE_DIR"] = settings.StateDir;
        result["STRATA_NODE_ID"] = settings.NodeId;
        result["STRATA_SUPERVISOR_PID"] = supervisorPid.ToString(CultureInfo.InvariantCulture);
        result["STRATA_DECLARED_SERVICES"] = string.Join(',', _declared);
        string[] passed = [.. manifest.EffectiveSocketName is null ? [] : new[] { manifest.Name }, .. stored ?? []];
        if (passed.Length > 0)
        {
            result["LISTEN_FDS"] = passed.Length.ToString(CultureInfo.InvariantCulture);
            result["LISTEN_FDNAMES"] = string.Join(':', passed);
        }

        result.Remove(ReadyDescriptor);
        if (manifest.Readiness.Method == ReadinessMethod.Fd)
        {
            result[ReadyDescriptor] = (FirstPassed + passed.Length).ToString(CultureInfo.InvariantCulture);
        }

        result.Remove(Capabilities);
        if (capabilities is not null)
        {
            result[Capabilities] = capabilities;
        }

        result[SdNotify.Variable] = notifyPath;
        if (manifest.Watchdog is { Source: LivenessSource.Notify } watchdog)
        {
            result["WATCHDOG_USEC"] = ((long)watchdog.Interval.TotalMicroseconds).ToString(CultureInfo.InvariantCulture);
        }

        return [.. result.Select(v => $"{v.Key}={v.Value}")];
    }

    private static bool IsPassed(string name) =>
        !Withheld.Contains(name)
        && (Passed.Contains(name) || name.StartsWith("STRATA_", StringComparison.Ordinal) || name.StartsWith("DOTNET_", StringComparison.Ordinal));
}
