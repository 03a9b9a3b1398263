using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>sandbox create</c>: the session of a name, or a new one.</summary>
internal sealed class SandboxCreateCommand
{
    private static readonly TimeSpan MakingTime = TimeSpan.FromMinutes(2);

    private readonly Argument<string?> _session = new("NAME") { Description = "Name of the session [default: a new one with a name of its own]", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _image = new("--image") { Description = "Image it starts from [default: host, this machine's /usr]", HelpName = "NAME" };
    private readonly Option<long?> _memory = LimitOptions.Size("--memory", "Most memory, e.g. 256M");
    private readonly Option<double?> _cpus = SandboxArguments.Cpus("--cpus", "Most processors, e.g. 0.5");
    private readonly Option<int?> _pids = new("--pids") { Description = "Most processes", HelpName = "N" };
    private readonly Option<long?> _disk = LimitOptions.Size("--disk", "Most bytes that it may change, which are then held in memory, e.g. 1G");
    private readonly Option<int?> _files = new("--open-files") { Description = "Most open files of a process", HelpName = "N" };
    private readonly Option<bool> _require = new("--require-limits") { Description = "Refuse limits that are not held for all processes together" };
    private readonly Option<string?> _network = new("--network") { Description = "none, proxy, bridge or host [default: none]", HelpName = "KIND" };
    private readonly Option<string[]> _allow = SandboxNetworkCommand.Allow("What it may reach with --network proxy: HOST, *.HOST, an address or a range, each with @PORT,PORT behind it; again for more");
    private readonly Option<string[]> _placeholders = SandboxArguments.Pairs("--placeholder", "Variable whose value stays outside: programs find a placeholder, and the proxy puts the value that it has here into requests to the hosts; again for more", "NAME=HOST,HOST");
    private readonly Option<string[]> _environment = SandboxArguments.Pairs("--env", "Variable of every process; again for more", "NAME=VALUE");
    private readonly Option<string[]> _secrets = SandboxArguments.Pairs("--secret", "Variable with the value that it has here, never told or kept; again for more", "NAME");
    private readonly Option<string?> _user = new("--user") { Description = "Whom programs run as inside: user or root [default: user]", HelpName = "NAME" };
    private readonly Option<string?> _hostname = new("--hostname") { Description = "Host name inside", HelpName = "NAME" };
    private readonly Option<TimeSpan?> _ttl = GlobalOptions.Duration("--ttl", "How long it stays without use");
    private readonly Option<string?> _workspace = new("--workspace") { Description = "Workspace that is /workspace inside and outlives the session", HelpName = "NAME" };
    private readonly Option<bool> _shared = new("--shared-workspace") { Description = "Others that say so may have the workspace too" };
    private readonly Option<string[]> _labels = SandboxArguments.Pairs("--label", "Word of your own to find it by; again for more", "NAME=VALUE");
    private readonly Option<bool> _namespaces = new("--user-namespaces") { Description = "Programs inside may make user namespaces" };
    private readonly Option<bool> _quiet = new("--quiet", "-q") { Description = "Print the name alone" };

    public static Command Create(Cli cli)
    {
        var it = new SandboxCreateCommand();
        return cli.Command(
            "create", "Gives the session of a name, made now when there is none.",
            [
                it._session, it._image, it._memory, it._cpus, it._pids, it._disk, it._files, it._require, it._network, it._allow, it._placeholders, it._environment, it._secrets, it._user, it._hostname, it._ttl,
                it._workspace, it._shared, it._labels, it._namespaces, it._quiet,
            ],
            [
                "strata-ctl sandbox create work --memory 256M --cpus 0.5 --ttl 30m",
                "strata-ctl sandbox create agent --workspace project --env LANG=C.UTF-8 --secret API_KEY",
                "strata-ctl sandbox create agent --network proxy --allow pypi.org --allow '*.pythonhosted.org' --placeholder API_KEY=api.example.org",
                "name=$(strata-ctl sandbox create -q)",
            ],
            it.RunAsync);
    }

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var wanted = ToParams(session, parsed);
        var call = Call.Of("sandbox.create", wanted, WireJson.Default.SandboxCreateParams) with { WithToken = true, Resource = wanted.Session, ExtraTime = MakingTime };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        var given = response.Get(WireJson.Default.SandboxCreateResult);
        if (given.Differs is { Count: > 0 } differs)
        {
            session.Notice($"the session {given.Session.Session} was there, and is not as you asked in {string.Join(", ", differs)}; close it to make it anew");
        }

        if (parsed.GetValue(_quiet))
        {
            session.Out.Line(given.Session.Session);
        }
        else if (session.Out.Json)
        {
            session.Out.Document(response.Result);
        }
        else
        {
            Show(session.Out, given);
        }

        return ExitCode.Ok;
    }

    private static void Show(OutputWriter output, SandboxCreateResult given) => output.Fields(
    [
        ("session", given.Session.Session), ("created", given.Created ? "yes" : "no, it was there"), ("state", new Cell(given.Session.State, ServiceTable.ToneOf(given.Session.State))),
        ("image", given.Session.Image), ("network", given.Session.Network), ("limits", SandboxText.Limits(given.Session.Limits)), ("enforced by", given.Session.EnforcedBy ?? "-"),
        ("workspace", given.Session.Workspace ?? "-"), ("expires", given.Session.Expires), ("ends", given.Session.EndsAt),
    ]);

    private SandboxCreateParams ToParams(Session session, ParseResult parsed)
    {
        var limits = new SandboxLimitsWish(parsed.GetValue(_memory), parsed.GetValue(_cpus), parsed.GetValue(_pids), parsed.GetValue(_disk), parsed.GetValue(_files));
        return new SandboxCreateParams(
            parsed.GetValue(_session), parsed.GetValue(_image), null, limits == new SandboxLimitsWish() ? null : limits, parsed.GetValue(_require), parsed.GetValue(_network),
            SandboxArguments.ReadPairs("--env", parsed.GetValue(_environment)), Secrets(session, parsed.GetValue(_secrets)), parsed.GetValue(_user), parsed.GetValue(_hostname),
            parsed.GetValue(_ttl) is { } ttl ? (int)Math.Max(1, ttl.TotalSeconds) : null, parsed.GetValue(_workspace), parsed.GetValue(_shared),
            SandboxArguments.ReadPairs("--label", parsed.GetValue(_labels)), parsed.GetValue(_namespaces),
            SandboxNetworkCommand.ReadAllow(parsed.GetValue(_allow)), Placeholders(session, parsed.GetValue(_placeholders)));
    }

    private static Dictionary<string, SandboxPlaceholder>? Placeholders(Session session, string[]? pairs)
    {
        var hosts = SandboxArguments.ReadPairs("--placeholder", pairs);
        var values = Secrets(session, hosts?.Keys.ToArray());
        return values?.ToDictionary(one => one.Key, one => new SandboxPlaceholder(one.Value, hosts![one.Key].Split(',')), StringComparer.Ordinal);
    }

    /// <summary>From the caller's own environment: what stands on a command line, everybody on the machine can read.</summary>
    private static Dictionary<string, string>? Secrets(Session session, string[]? names) => names is null or []
        ? null
        : names.Distinct(StringComparer.Ordinal).ToDictionary(
            name => name, name => session.Around.Variable(name) ?? throw new UsageException($"the variable {name} is not set; set it, the secret of that name takes its value from there"), StringComparer.Ordinal);
}
