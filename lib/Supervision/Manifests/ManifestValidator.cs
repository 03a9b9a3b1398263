using System.Collections.Immutable;
using System.Globalization;

namespace Strata.Supervision;

/// <summary>Checks one manifest by itself and reports every fault, not only the first.</summary>
public static class ManifestValidator
{
    private static readonly ImmutableHashSet<string> ReservedVariables =
        ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID", "LISTEN_FDS", "LISTEN_PID", "LISTEN_FDNAMES", "STRATA_READY_FD", "STRATA_CAPABILITIES"];

    /// <summary>The faults of <paramref name="manifest"/>; empty when there is none.</summary>
    public static ImmutableArray<ManifestFault> Validate(ServiceManifest manifest)
    {
        var faults = new FaultList(manifest.Name ?? "");
        CheckName(manifest, faults);
        CheckDescription(manifest, faults);
        CheckProgram(manifest, faults);
        CheckEnvironment(manifest, faults);
        CheckDependencies(manifest.Name, "requires", manifest.Requires, faults);
        CheckDependencies(manifest.Name, "wants", manifest.Wants, faults);
        CheckDependencies(manifest.Name, "after", manifest.After, faults);
        CheckOverlap("wants", manifest.Wants, "requires", manifest.Requires, faults);
        CheckOverlap("after", manifest.After, "requires", manifest.Requires, faults);
        CheckOverlap("after", manifest.After, "wants", manifest.Wants, faults);
        SocketChecks.Check(manifest, faults);
        KindChecks.Check(manifest, faults);
        PolicyChecks.Check(manifest, faults);
        ConfinementChecks.Check(manifest, faults);
        CapabilityChecks.Check(manifest, faults);
        return faults.ToImmutable();
    }

    internal static bool IsServiceName(string? name) =>
        name is { Length: > 0 and <= ManifestLimits.MaxNameChars } && char.IsAsciiLetterLower(name[0])
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-');

    private static void CheckName(ServiceManifest manifest, FaultList faults)
    {
        if (!IsServiceName(manifest.Name))
        {
            faults.Add("name", $"must be a lower-case letter followed by letters, digits or hyphens, at most {Number(ManifestLimits.MaxNameChars)} characters");
        }
        else if (manifest.Name == NodePlan.SupervisorName)
        {
            faults.Add("name", "\"supervisor\" is the supervisor's own name; choose another");
        }
    }

    private static void CheckDescription(ServiceManifest manifest, FaultList faults)
    {
        if (manifest.Description is not { Length: <= ManifestLimits.MaxDescriptionChars } text || text.Any(char.IsControl))
        {
            faults.Add("description", $"must be one line of at most {Number(ManifestLimits.MaxDescriptionChars)} characters");
        }
    }

    private static void CheckProgram(ServiceManifest manifest, FaultList faults)
    {
        var program = manifest.Program ?? "";
        if (program.Length is 0 or > ManifestLimits.MaxProgramChars || program.Contains('\0', StringComparison.Ordinal))
        {
            faults.Add("exec", $"must be 1 to {Number(ManifestLimits.MaxProgramChars)} characters without a NUL");
        }
        else if (program[0] != '/' && (program.Contains('/', StringComparison.Ordinal) || program is "." or ".."))
        {
            faults.Add("exec", "must be an absolute path or a bare file name; a relative path would depend on where the supervisor was started");
        }

        if (manifest.Arguments.IsDefault || manifest.Arguments.Length > ManifestLimits.MaxArguments)
        {
            faults.Add("exec", $"at most {Number(ManifestLimits.MaxArguments)} arguments");
        }
        else if (manifest.Arguments.Any(a => !IsText(a)))
        {
            faults.Add("exec", $"each argument at most {Number(ManifestLimits.MaxArgumentChars)} characters without a NUL");
        }
    }

    private static void CheckEnvironment(ServiceManifest manifest, FaultList faults)
    {
        if (manifest.Environment is null || manifest.Environment.Count > ManifestLimits.MaxEnvironment)
        {
            faults.Add("environment", $"at most {Number(ManifestLimits.MaxEnvironment)} variables");
            return;
        }

        foreach (var (name, value) in manifest.Environment.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            if (!IsVariableName(name))
            {
                faults.Add("environment", $"\"{Shown(name)}\" is not a variable name: letters, digits and underscores, no digit first, at most {Number(ManifestLimits.MaxEnvironmentNameChars)}", Variable(name));
            }
            else if (ReservedVariables.Contains(name))
            {
                faults.Add("environment", $"{name} is set by the supervisor; leave it out", Variable(name));
            }
            else if (!IsText(value))
            {
                faults.Add("environment", $"the value of {name} must be at most {Number(ManifestLimits.MaxArgumentChars)} characters without a NUL", Variable(name));
            }
        }
    }

    private static void CheckDependencies(string? self, string field, ImmutableArray<string> names, FaultList faults)
    {
        if (names.IsDefault || names.Length > ManifestLimits.MaxDependencies)
        {
            faults.Add(field, $"at most {Number(ManifestLimits.MaxDependencies)} names");
            return;
        }

        foreach (var group in names.Index().GroupBy(name => name.Item, StringComparer.Ordinal))
        {
            var item = $"{field}[{Number(group.Last().Index)}]";
            if (!IsServiceName(group.Key))
            {
                faults.Add(field, $"\"{Shown(group.Key)}\" is not a service name", item);
            }
            else if (group.Key == self)
            {
                faults.Add(field, $"{group.Key} cannot depend on itself", item);
            }
            else if (group.Count() > 1)
            {
                faults.Add(field, $"{group.Key} is named more than once", item);
            }
        }
    }

    private static void CheckOverlap(string field, ImmutableArray<string> weaker, string other, ImmutableArray<string> stronger, FaultList faults)
    {
        if (!weaker.IsDefault && !stronger.IsDefault)
        {
            foreach (var name in weaker.Intersect(stronger, StringComparer.Ordinal))
            {
                faults.Add(field, $"{Shown(name)} is already in {other}, which orders as well; name it once", $"{field}[{Number(weaker.IndexOf(name))}]");
            }
        }
    }

    private static bool IsVariableName(string name) =>
        name.Length is > 0 and <= ManifestLimits.MaxEnvironmentNameChars && !char.IsAsciiDigit(name[0])
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c == '_');

    private static bool IsText(string? text) =>
        text is { Length: <= ManifestLimits.MaxArgumentChars } && !text.Contains('\0', StringComparison.Ordinal);

    // A name that is not one may hold anything; it is shown short and without control characters.
    private static string Shown(string? name) =>
        string.Concat((name ?? "").Take(ManifestLimits.MaxNameChars).Select(c => char.IsControl(c) ? '?' : c));

    private static string Variable(string name) => $"environment.{name}";

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
