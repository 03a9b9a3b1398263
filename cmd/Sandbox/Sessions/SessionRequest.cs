using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>From what a caller asks for, the node's bounds and those of its capability to the terms of a session. Pure.</summary>
/// <param name="options">The node's bounds.</param>
/// <param name="engine">The engine's name.</param>
/// <param name="networks">The kinds of network that the engine can give.</param>
internal sealed class SessionRequest(SandboxOptions options, string engine, IReadOnlyList<string> networks)
{
    /// <summary>Most bytes of all variables and secrets together, names and values.</summary>
    internal const int MaxEnvironmentBytes = 64 * 1024;

    /// <summary>Longest name of a session, a workspace or a label, in characters.</summary>
    internal const int MaxNameChars = 64;

    /// <summary>Longest value of a label, in characters.</summary>
    internal const int MaxLabelChars = 256;

    /// <summary>Least share of a processor.</summary>
    internal const double MinCpus = 0.01;

    private static readonly SearchValues<char> NameChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");
    private static readonly SearchValues<char> VariableChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");
    private static readonly SearchValues<char> LabelChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/:@ ");
    private static readonly SearchValues<char> HostChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");

    /// <summary>A name of a session or workspace: letters, digits, <c>. _ -</c>, beginning with a letter or digit; exactly as given.</summary>
    internal static bool IsName(string name) => name.Length is > 0 and <= MaxNameChars && char.IsAsciiLetterOrDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameChars);

    /// <summary>A name of a variable.</summary>
    internal static bool IsVariable(string name) => name.Length is > 0 and <= 256 && !char.IsAsciiDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(VariableChars);

    /// <summary>Holds a wish to every bound.</summary>
    /// <returns>What is wrong, or null.</returns>
    internal RpcError? Check(SandboxCreateParams wish, SandboxBounds bounds, out SessionTerms terms)
    {
        terms = new SessionTerms();
        if ((FaultOfNames(wish) ?? FaultOfVariables(wish) ?? FaultOfLabels(wish.Labels) ?? FaultOfEngine(wish) ?? FaultOfNetwork(wish.Network ?? "none", bounds)
            ?? FaultOfImage(wish.Image ?? SessionTerms.HostImage, bounds) ?? FaultOfAllow(wish, bounds) ?? PlaceholderWish.FaultOf(wish)) is { } fault)
        {
            return fault;
        }

        terms = new SessionTerms
        {
            Image = wish.Image ?? SessionTerms.HostImage, Engine = engine, Network = wish.Network ?? "none", Hostname = wish.Hostname ?? "sandbox", IsRoot = wish.User == "root", TakesImageUser = wish.User is null && wish.Image is not (null or SessionTerms.HostImage),
            UserNamespaces = wish.UserNamespaces, RequireLimits = wish.RequireLimits, TtlSeconds = wish.TtlSeconds ?? Math.Min(options.TtlSeconds, options.MaxLifetimeSeconds),
            Workspace = wish.Workspace, SharedWorkspace = wish.SharedWorkspace,
            Labels = Sorted(wish.Labels), Environment = Sorted(wish.Environment), Secrets = [.. Sorted(wish.Secrets).Keys],
            Placeholders = [.. (wish.Placeholders ?? ImmutableDictionary<string, SandboxPlaceholder>.Empty).Keys.Order(StringComparer.Ordinal)], Allow = wish.Allow ?? [],
        };
        return ApplyLimits(wish.Limits ?? new SandboxLimitsWish(), bounds, ref terms);
    }

    /// <summary>Holds a time to live to the node's bound.</summary>
    internal RpcError? FaultOfTtl(int? seconds) => seconds > options.MaxLifetimeSeconds
        ? RpcError.InvalidField("ttl_seconds", $"ttl_seconds must be at most {options.MaxLifetimeSeconds}, the longest lifetime of a session here")
        : null;

    private RpcError? FaultOfNames(SandboxCreateParams wish)
    {
        const string Rule = "must be 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', and begin with a letter or digit";
        return wish.Session is { } session && !IsName(session) ? RpcError.InvalidField("session", $"session {Rule}")
            : wish.Workspace is { } workspace && !IsName(workspace) ? RpcError.InvalidField("workspace", $"workspace {Rule}")
            : wish.SharedWorkspace && wish.Workspace is null ? RpcError.InvalidField("shared_workspace", "shared_workspace needs a workspace; name one")
            : wish.Hostname is { } host && (host[0] == '-' || host.AsSpan().ContainsAnyExcept(HostChars)) ? RpcError.InvalidField("hostname", "hostname must be of a-z, 0-9 and '-', and not begin with '-'")
            : FaultOfTtl(wish.TtlSeconds);
    }

    private static RpcError? FaultOfVariables(SandboxCreateParams wish)
    {
        var bytes = 0;
        foreach (var (field, variables) in new[] { ("environment", wish.Environment), ("secrets", wish.Secrets) })
        {
            foreach (var (name, value) in Sorted(variables))
            {
                if (!IsVariable(name))
                {
                    return RpcError.InvalidField(field, $"{field} has a name that is none of a variable: letters, digits and '_', not beginning with a digit");
                }

                if (value.Contains('\0', StringComparison.Ordinal))
                {
                    return RpcError.InvalidField(field, $"{field}.{name} has a NUL character, which no variable can hold");
                }

                bytes += name.Length + Encoding.UTF8.GetByteCount(value) + 2;
            }
        }

        return bytes > MaxEnvironmentBytes ? RpcError.InvalidField("environment", $"environment and secrets have {bytes} bytes together, more than {MaxEnvironmentBytes}")
            : wish.Secrets?.Keys.FirstOrDefault(name => wish.Environment?.ContainsKey(name) == true) is { } twice ? RpcError.InvalidField("secrets", $"secrets.{twice} is in environment too; name it once")
            : null;
    }

    private static RpcError? FaultOfLabels(IReadOnlyDictionary<string, string>? labels) =>
        Sorted(labels).Any(l => !IsName(l.Key) || l.Value.Length > MaxLabelChars || l.Value.AsSpan().ContainsAnyExcept(LabelChars))
            ? RpcError.InvalidField("labels", $"labels must have names like a session's, and values of at most {MaxLabelChars} letters, digits, spaces and . _ - / : @")
            : null;

    private RpcError? FaultOfEngine(SandboxCreateParams wish) => wish.Engine is { } wanted && wanted != engine
        ? RpcError.InvalidField("engine", $"engine {wanted} is not on this node; it has {engine}")
        : null;

    private RpcError? FaultOfNetwork(string network, SandboxBounds bounds) =>
        !bounds.AllowsNetwork(network) ? Denied(SandboxReasons.NetworkDenied, bounds.Domains.Count > 0
            ? $"network {network} cannot be held to the domains of your capability; use {(networks.Contains("proxy") ? "proxy or none" : "none")}"
            : $"your capability does not allow network {network}")
        : !options.Networks.Contains(network) ? new RpcError(ErrorCode.Unavailable, $"sessions on this node may not have network {network}; STRATA_SANDBOX_NETWORKS says which they may")
            { Reason = SandboxReasons.NetworkUnavailable }
        : !networks.Contains(network) ? new RpcError(ErrorCode.Unavailable, $"this engine has no network {network}{(network == SessionNetworks.BridgeKind ? ", which takes a node that root runs" : "")}; it has {string.Join(", ", networks)}") { Reason = SandboxReasons.NetworkUnavailable }
        : null;

    private RpcError? FaultOfAllow(SandboxCreateParams wish, SandboxBounds bounds) =>
        wish.Allow is { Count: > 0 } && wish.Network is not (SessionNetworks.Proxy or SessionNetworks.BridgeKind) ? RpcError.InvalidField("allow", "allow needs network proxy or bridge; ask for one of them")
        : SessionNetworks.Read(wish.Network ?? "none", wish.Allow, bounds, options.Reachable, out var fault) is null ? SessionNetworks.ErrorOf(fault!)
        : null;

    private static RpcError? FaultOfImage(string image, SandboxBounds bounds) =>
        !SandboxNames.IsImage(image) ? RpcError.InvalidField("image", "image must be letters, digits and . _ - : / @, and begin with a letter or digit")
        : !bounds.AllowsImage(image) ? Denied(SandboxReasons.ImageDenied, $"your capability does not allow image {image}; it allows {bounds.Images}")
        : null;

    private RpcError? ApplyLimits(SandboxLimitsWish wish, SandboxBounds bounds, ref SessionTerms terms)
    {
        if (wish.Cpus is { } cpus && !(cpus >= MinCpus && cpus <= options.MaxCpuMillis / 1000.0))
        {
            return RpcError.InvalidField("limits.cpus", string.Create(CultureInfo.InvariantCulture, $"limits.cpus must be from {MinCpus} to {options.MaxCpuMillis / 1000.0}"));
        }

        var millis = wish.Cpus is { } share ? (long)Math.Ceiling(share * 1000) : default(long?);
        long memory, cpu = 0, pids = 0, disk = 0;
        var error = Apply("memory_bytes", wish.MemoryBytes, options.MemoryBytes, options.MaxMemoryBytes, bounds.MaxMemoryBytes, out memory)
            ?? Apply("cpus", millis, options.CpuMillis, options.MaxCpuMillis, bounds.MaxCpuMillis, out cpu)
            ?? Apply("pids", wish.Pids, options.Pids, options.MaxPids, bounds.MaxPids, out pids)
            ?? Apply("disk_bytes", wish.DiskBytes, options.DiskBytes > 0 ? options.DiskBytes : long.MaxValue, options.MaxDiskBytes, bounds.MaxDiskBytes, out disk);
        if (error is not null)
        {
            return error;
        }

        // A bound of the disk costs memory and what is changed does not outlive the sandbox: nobody gets one who has not to have it.
        var bounded = wish.DiskBytes is not null || bounds.MaxDiskBytes is not null || options.DiskBytes > 0;
        terms = terms with
        {
            MemoryBytes = memory, Cpus = cpu / 1000.0, CpusRequired = wish.Cpus is not null || bounds.MaxCpuMillis is not null || terms.RequireLimits, Pids = (int)pids, DiskBytes = bounded ? disk : null, OpenFiles = wish.OpenFiles ?? options.OpenFiles,
            OutputBytes = wish.OutputBytes ?? options.OutputBytes,
        };
        return null;
    }

    /// <summary>What was not asked for is the default, or less where the node or the capability says so; what was asked for is given or refused.</summary>
    private static RpcError? Apply(string field, long? wish, long fallback, long most, long? allowed, out long value)
    {
        value = wish ?? Math.Min(Math.Min(fallback, most), allowed ?? long.MaxValue);
        return value > most ? RpcError.InvalidField($"limits.{field}", $"limits.{field} must be at most {most} on this node")
            : value > allowed ? Denied(SandboxReasons.LimitDenied, $"limits.{field} must be at most {allowed}, that of your capability") with { Details = [new("field", $"limits.{field}")] }
            : null;
    }

    private static RpcError Denied(string reason, string message) => new(ErrorCode.PermissionDenied, message) { Reason = reason };

    private static SortedDictionary<string, string> Sorted(IReadOnlyDictionary<string, string>? values)
    {
        var sorted = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in values ?? new Dictionary<string, string>())
        {
            sorted[name] = value;
        }

        return sorted;
    }
}
