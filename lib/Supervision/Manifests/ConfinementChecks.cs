using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>Checks limits and confinement of a manifest.</summary>
internal static class ConfinementChecks
{
    private const string CapabilityPrefix = "CAP_";

    internal static void Check(ServiceManifest manifest, FaultList faults)
    {
        if (manifest.Limits is not { } limits)
        {
            faults.Add("limits", "must not be null; leave it out for none");
        }
        else
        {
            CheckLimits(limits, faults);
        }

        if (manifest.Confinement is { } confinement)
        {
            Check(confinement, faults);
        }
    }

    private static void Check(ConfinementPolicy confinement, FaultList faults)
    {
        CheckAccount("confinement.user", confinement.User, faults);
        CheckAccount("confinement.group", confinement.Group, faults);
        CheckCapabilities(confinement.KeepCapabilities, faults);
        CheckPaths("confinement.read", confinement.Read, faults);
        CheckPaths("confinement.write", confinement.Write, faults);
        CheckPaths("confinement.execute", confinement.Execute, faults);
        if (!Enum.IsDefined(confinement.Seccomp))
        {
            faults.Add("confinement.seccomp", "must be \"default\", \"strict\", \"namespaces\" or \"none\"");
        }

        if (!Enum.IsDefined(confinement.Processes))
        {
            faults.Add("confinement.processes", "must be \"all\" or \"own\"");
        }

        if (!Enum.IsDefined(confinement.Network))
        {
            faults.Add("confinement.network", "must be \"host\" or \"none\"");
        }
    }

    internal static bool IsAccount(string name) =>
        name.Length is > 0 and <= ManifestLimits.MaxAccountChars && name[0] != '-'
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or '$');

    private static void CheckAccount(string field, string? name, FaultList faults)
    {
        if (name is not null && !IsAccount(name))
        {
            faults.Add(field, $"must be a name or a number, at most {Number(ManifestLimits.MaxAccountChars)} characters");
        }
    }

    private static void CheckCapabilities(ImmutableArray<string> names, FaultList faults)
    {
        const string field = "confinement.keep_capabilities";
        if (names.IsDefault || names.Length > ManifestLimits.MaxCapabilities)
        {
            faults.Add(field, $"at most {Number(ManifestLimits.MaxCapabilities)} names");
        }
        else if (names.FirstOrDefault(name => !IsCapability(name)) is { } bad)
        {
            faults.Add(field, $"\"{Shown(bad)}\" is not the name of a capability, for example CAP_NET_BIND_SERVICE");
        }
        else if (names.Contains(null!))
        {
            faults.Add(field, "a name is missing");
        }
    }

    private static bool IsCapability(string? name) =>
        name is null || (name.StartsWith(CapabilityPrefix, StringComparison.Ordinal) && name.Length is > 4 and <= ManifestLimits.MaxCapabilityChars
            && name.All(c => char.IsAsciiLetterUpper(c) || c == '_'));

    private static void CheckPaths(string field, ImmutableArray<string> paths, FaultList faults)
    {
        if (paths.IsDefault || paths.Length > ManifestLimits.MaxPaths)
        {
            faults.Add(field, $"at most {Number(ManifestLimits.MaxPaths)} paths");
        }
        else if (paths.Any(path => !IsPath(path)))
        {
            faults.Add(field, $"each must be an absolute path, or begin with {string.Join(", ", PathVariables.All)}, without \"..\" or a NUL, at most {Number(ManifestLimits.MaxProgramChars)} characters");
        }
    }

    private static bool IsPath(string? path) =>
        path is { Length: > 0 and <= ManifestLimits.MaxProgramChars } && (path[0] == '/' || PathVariables.Of(path) is not null) && !path.Contains('\0', StringComparison.Ordinal)
        && !path.Split('/').Contains("..");

    private static void CheckLimits(LimitsPolicy limits, FaultList faults)
    {
        if (limits.MemoryBytes is { } memory)
        {
            PolicyChecks.Range(faults, "limits.memory", memory, ManifestRanges.Memory);
        }

        if (limits.Cpus is { } cpus)
        {
            PolicyChecks.Range(faults, "limits.cpu", cpus, ManifestRanges.Cpus);
        }

        if (limits.Pids is { } pids)
        {
            PolicyChecks.Range(faults, "limits.pids", pids, ManifestRanges.Pids);
        }

        if (limits.OpenFiles is { } files)
        {
            PolicyChecks.Range(faults, "limits.open_files", files, ManifestRanges.OpenFiles);
        }
    }

    private static string Shown(string name) =>
        string.Concat(name.Take(ManifestLimits.MaxNameChars).Select(c => char.IsControl(c) ? '?' : c));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
