using System.Globalization;

namespace Strata.Hosting;

/// <summary>Where a node lives and what it is called, as every one of its programs is told by the environment.</summary>
public sealed record NodeSettings
{
    /// <summary>Longest accepted <see cref="NodeId"/>, in characters.</summary>
    public const int MaxNodeIdChars = 64;

    /// <summary>Name of the file in the runtime dir with what a supervisor leaves to its successor.</summary>
    public const string SupervisorRecord = "supervisor.state";

    /// <summary>Sockets and public keys; may vanish at reboot. <c>STRATA_RUNTIME_DIR</c>, default <c>/run/strata</c>.</summary>
    public required string RuntimeDir { get; init; }

    /// <summary>
    /// Keys, revocations, audit. <c>STRATA_STATE_DIR</c>, default <c>/var/lib/strata</c>, or <c>state</c> in the runtime
    /// dir when only that is given.
    /// </summary>
    public required string StateDir { get; init; }

    /// <summary>Name of the node. <c>STRATA_NODE_ID</c>, default <c>local-0</c>.</summary>
    public required string NodeId { get; init; }

    /// <summary>User ids beside root and the node's own that may act without a capability. <c>STRATA_AUTHORITY_UIDS</c>, comma-separated, default none.</summary>
    public IReadOnlySet<uint> AuthorityUids { get; init; } = new HashSet<uint>();

    /// <summary>Process id of the supervisor that started this process. <c>STRATA_SUPERVISOR_PID</c>; null when started by hand.</summary>
    public int? SupervisorPid { get; init; }

    /// <summary>Issuer of this node's capabilities.</summary>
    public string Issuer => $"identity@{NodeId}";

    /// <summary>Where audit records go.</summary>
    public string AuditDir => Path.Combine(StateDir, "audit");

    /// <summary>Where the capabilities lie that the supervisor hands to services.</summary>
    public string CapabilitiesDir => Path.Combine(RuntimeDir, "capabilities");

    /// <summary>Where the pipes lie by which services say what they have to.</summary>
    public string PipesDir => Path.Combine(RuntimeDir, "pipes");

    /// <summary>What the node keeps to itself: no service hands anything of it out.</summary>
    public IReadOnlyList<string> KeptPaths => [StateDir, CapabilitiesDir, PipesDir, Path.Combine(RuntimeDir, SupervisorRecord)];

    /// <summary>Path of a service's socket by convention.</summary>
    public string SocketOf(string service) => Path.Combine(RuntimeDir, service + ".sock");

    /// <summary>Reads the settings.</summary>
    /// <param name="environment">Looks a variable up; null when unset.</param>
    /// <exception cref="SettingsException">A variable has an unusable value; the message names it and says what to do.</exception>
    public static NodeSettings From(Func<string, string?> environment)
    {
        var runtime = NonEmpty(environment, "STRATA_RUNTIME_DIR");
        var state = NonEmpty(environment, "STRATA_STATE_DIR");
        var settings = new NodeSettings
        {
            RuntimeDir = Absolute("STRATA_RUNTIME_DIR", runtime ?? "/run/strata"),
            StateDir = Absolute("STRATA_STATE_DIR", state ?? (runtime is null ? "/var/lib/strata" : Path.Combine(runtime, "state"))),
            NodeId = NonEmpty(environment, "STRATA_NODE_ID") ?? "local-0",
            AuthorityUids = ParseUids(NonEmpty(environment, "STRATA_AUTHORITY_UIDS")),
            SupervisorPid = ParsePid(NonEmpty(environment, "STRATA_SUPERVISOR_PID")),
        };
        return IsNodeId(settings.NodeId) ? settings : throw new SettingsException(
            $"STRATA_NODE_ID must have 1 to {MaxNodeIdChars} characters of a-z, A-Z, 0-9, '-', '_' and '.'");
    }

    /// <summary>Reads the settings from this process's environment.</summary>
    public static NodeSettings FromEnvironment() => From(Environment.GetEnvironmentVariable);

    /// <summary>Reads a whole number within bounds.</summary>
    /// <param name="environment">Looks a variable up.</param>
    /// <param name="name">The variable.</param>
    /// <param name="fallback">Its value when unset or empty.</param>
    /// <param name="min">Least accepted.</param>
    /// <param name="max">Greatest accepted.</param>
    /// <exception cref="SettingsException">It is set to anything else.</exception>
    public static int WholeNumber(Func<string, string?> environment, string name, int fallback, int min, int max)
    {
        if (NonEmpty(environment, name) is not { } text)
        {
            return fallback;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max
            ? value
            : throw new SettingsException($"{name} must be a whole number from {min} to {max}");
    }

    private static string? NonEmpty(Func<string, string?> environment, string name) => environment(name) is { Length: > 0 } value ? value : null;

    private static string Absolute(string name, string path) => Path.IsPathFullyQualified(path)
        ? Path.TrimEndingDirectorySeparator(path)
        : throw new SettingsException($"{name} must be an absolute path");

    private static bool IsNodeId(string id)
    {
        var good = id.Length is > 0 and <= MaxNodeIdChars;
        foreach (var c in id)
        {
            good &= char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.';
        }

        return good;
    }

    private static HashSet<uint> ParseUids(string? list)
    {
        var uids = new HashSet<uint>();
        foreach (var text in (list ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            uids.Add(uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var uid)
                ? uid
                : throw new SettingsException("STRATA_AUTHORITY_UIDS must be user ids separated by commas, e.g. 1000,1001"));
        }

        return uids;
    }

    private static int? ParsePid(string? text) => text is null ? null
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && pid > 0 ? pid
        : throw new SettingsException("STRATA_SUPERVISOR_PID must be a process id; it is set by the supervisor, not by hand");
}
