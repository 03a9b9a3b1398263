using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Commands;

/// <summary>The options that say what a session shall be, of <c>sandbox create</c> and <c>sandbox run</c>.</summary>
internal sealed class SandboxWishOptions
{
    private readonly Option<long?> _memory = LimitOptions.Size("--memory", "Most memory, e.g. 256M");
    private readonly Option<double?> _cpus = SandboxArguments.Cpus("--cpus", "Most processors, e.g. 0.5");
    private readonly Option<int?> _pids = new("--pids") { Description = "Most processes", HelpName = "N" };
    private readonly Option<long?> _disk = LimitOptions.Size("--disk", "Most bytes that it may change, which are then held in memory, e.g. 1G");
    private readonly Option<int?> _files = new("--open-files") { Description = "Most open files of a process", HelpName = "N" };
    private readonly Option<bool> _require = new("--require-limits") { Description = "Refuse limits that are not held for all processes together" };
    private readonly Option<string?> _network = new("--network") { Description = "none, proxy, bridge or host [default: none]", HelpName = "KIND" };
    private readonly Option<string[]> _allow = SandboxNetworkCommand.Allow("What it may reach with --network proxy or bridge: HOST, *.HOST (proxy alone), an address or a range, each with @PORT,PORT behind it; again for more");
    private readonly Option<string[]> _placeholders = SandboxArguments.Pairs("--placeholder", "Variable whose value stays outside: programs find a placeholder, and the proxy puts the value that it has here into requests to the hosts; again for more", "NAME=HOST,HOST");
    private readonly Option<bool> _clearOnly = new("--clear-only") { Description = "Placeholders: carry what programs encrypt as it is; only what they ask by http://HOST gets the value" };
    private readonly Option<string[]> _environment = SandboxArguments.Pairs("--env", "Variable of every process; again for more", "NAME=VALUE");
    private readonly Option<string[]> _secrets = SandboxArguments.Pairs("--secret", "Variable with the value that it has here, never told or kept; again for more", "NAME");
    private readonly Option<string?> _user = new("--user") { Description = "Whom programs run as inside: user or root [default: user]", HelpName = "NAME" };
    private readonly Option<string?> _hostname = new("--hostname") { Description = "Host name inside", HelpName = "NAME" };
    private readonly Option<string?> _workspace;
    private readonly Option<bool> _shared = new("--shared-workspace") { Description = "Others that say so may have the workspace too" };
    private readonly Option<bool> _namespaces = new("--user-namespaces") { Description = "Programs inside may make user namespaces" };

    public SandboxWishOptions(Cli cli)
    {
        _workspace = new("--workspace") { Description = "Workspace that is /workspace inside and outlives the session", HelpName = "NAME" };
        _workspace.CompletionSources.Add(Completion.SandboxNames.Workspaces(cli));
        _network.CompletionSources.Add("none", "proxy", "bridge", "host");
        _user.CompletionSources.Add("user", "root");
    }

    public Symbol[] All =>
        [_memory, _cpus, _pids, _disk, _files, _require, _network, _allow, _placeholders, _clearOnly, _environment, _secrets, _user, _hostname, _workspace, _shared, _namespaces];

    /// <summary>Reads them.</summary>
    /// <exception cref="UsageException">One has no meaning, or the variable that a secret takes its value from is not set.</exception>
    public SandboxCreateParams Read(Session session, ParseResult parsed)
    {
        var limits = new SandboxLimitsWish(parsed.GetValue(_memory), parsed.GetValue(_cpus), parsed.GetValue(_pids), parsed.GetValue(_disk), parsed.GetValue(_files));
        return new SandboxCreateParams(
            Limits: limits == new SandboxLimitsWish() ? null : limits, RequireLimits: parsed.GetValue(_require), Network: parsed.GetValue(_network),
            Environment: SandboxArguments.ReadPairs("--env", parsed.GetValue(_environment)), Secrets: Secrets(session, parsed.GetValue(_secrets)),
            User: parsed.GetValue(_user), Hostname: parsed.GetValue(_hostname), Workspace: parsed.GetValue(_workspace), SharedWorkspace: parsed.GetValue(_shared),
            UserNamespaces: parsed.GetValue(_namespaces), Allow: SandboxNetworkCommand.ReadAllow(parsed.GetValue(_allow)),
            Placeholders: Placeholders(session, parsed.GetValue(_placeholders), parsed.GetValue(_clearOnly)));
    }

    private static Dictionary<string, SandboxPlaceholder>? Placeholders(Session session, string[]? pairs, bool clearOnly)
    {
        var hosts = SandboxArguments.ReadPairs("--placeholder", pairs);
        var values = Secrets(session, hosts?.Keys.ToArray());
        return values?.ToDictionary(one => one.Key, one => new SandboxPlaceholder(one.Value, hosts![one.Key].Split(','), clearOnly ? true : null), StringComparer.Ordinal);
    }

    /// <summary>From the caller's own environment: what stands on a command line, everybody on the machine can read.</summary>
    private static Dictionary<string, string>? Secrets(Session session, string[]? names) => names is null or []
        ? null
        : names.Distinct(StringComparer.Ordinal).ToDictionary(name => name, name => SecretOf(session, name), StringComparer.Ordinal);

    private static string SecretOf(Session session, string name) => name.IndexOf('=', StringComparison.Ordinal) is var at and > 0
        ? throw new UsageException($"--secret takes the name of a variable alone; set {name[..at]} in your environment, since everybody on the machine can read a command line")
        : session.Around.Variable(name) ?? throw new UsageException($"the variable {name} is not set; set it, the secret of that name takes its value from there");
}
