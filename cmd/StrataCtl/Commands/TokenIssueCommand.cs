using System.CommandLine;
using Strata.Contracts;
using Strata.Policy;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;
using Strata.Supervision;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token issue</c>: a new capability.</summary>
internal sealed class TokenIssueCommand
{
    private static readonly TimeSpan DefaultTtl = TimeSpan.FromHours(1);

    private readonly Option<string?> _service = new("--service") { Description = "Service the capability is for; needed unless a template says it", HelpName = "NAME" };
    private readonly Option<string[]> _rights = List("--rights", "Rights, e.g. fs.open,fs.read; separated by commas or given again", "RIGHTS");
    private readonly Option<string[]> _actions = List("--actions", "Legacy short actions: open grants SERVICE.open", "ACTIONS");
    private readonly Option<string?> _prefix = new("--prefix") { Description = "Directory beneath which paths must lie, or one of a root that the node names, e.g. home:/reports; without one no path is allowed", HelpName = "DIR" };
    private readonly Option<TimeSpan?> _ttl = GlobalOptions.Duration("--ttl", "How long it is valid [default: 1h]");
    private readonly Option<string?> _rate = new("--rate") { Description = "Most calls a second, e.g. 50rps [default: no limit]", HelpName = "RATE" };
    private readonly Option<string?> _subject = new("--subject") { Description = "Who will hold it; for the audit log", HelpName = "NAME" };
    private readonly Option<string?> _template = new("--template") { Description = "Template of the node to begin with; what else is given narrows it", HelpName = "NAME" };
    private readonly Option<bool> _quiet = IssuedToken.Quiet();
    private readonly LimitOptions _limits = new();

    public static Command Create(Cli cli)
    {
        var it = new TokenIssueCommand();
        it._service.CompletionSources.Add(context => NodeNames.Services(context.ParseResult, cli));
        it._rights.CompletionSources.Add(context => NodeNames.Methods(context.ParseResult, cli));
        return cli.Command(
            "issue", "Issues a capability.", [it._service, it._rights, it._actions, it._prefix, it._ttl, it._rate, it._subject, it._template, .. it._limits.All, it._quiet],
            [
                "strata-ctl token issue --service fs --rights fs.open,fs.read --prefix /srv/data --ttl 10m --rate 50rps --subject backup",
                "strata-ctl token issue --template agent-readonly --subject agent-7",
                "strata-ctl token issue --service fs --rights fs.write_atomic --prefix /srv/data --bind-key agent.key --once",
                "export STRATA_TOKEN=$(strata-ctl token issue -q --service fs --rights fs.open,fs.read,fs.list --prefix /srv/data)",
            ],
            it.RunAsync);
    }

    private static Option<string[]> List(string name, string description, string helpName) =>
        new(name) { Description = description, HelpName = helpName, Arity = ArgumentArity.OneOrMore, AllowMultipleArgumentsPerToken = false };

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var call = Call.Of("identity.issue", ToParams(parsed), WireJson.Default.IssueParams) with { WithToken = true, AuthorityMayAct = true };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        await NoticeUnknownRightsAsync(session, parsed, cancellation).ConfigureAwait(false);
        return IssuedToken.Show(session, response, parsed.GetValue(_quiet));
    }

    /// <summary>Says which rights no method of the service asks for: a slip of the pen, and a capability that is good for nothing.</summary>
    private async Task NoticeUnknownRightsAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(_service) is not { } service)
        {
            return;
        }

        string[] offered;
        try
        {
            var description = await NodeDescription.OfAsync(session.Node, service, cancellation).ConfigureAwait(false);
            offered = [.. description.Methods.SelectMany(m => m.FurtherRights.Append(m.Right)).OfType<string>().Distinct()];
        }
        catch (Exception e) when (e is CallFailedException or System.Text.Json.JsonException)
        {
            return; // Who is not there may come later.
        }

        foreach (var right in (LimitOptions.Split(parsed.GetValue(_rights)) ?? []).Where(right => offered.Length > 0 && !offered.Contains(right) && right != NodePlan.PassingOnRight))
        {
            session.Notice($"no method of {service} asks for {right}{(NearestName.Of(right, offered) is { } near ? $"; did you mean {near}?" : "")}");
        }
    }

    private IssueParams ToParams(ParseResult parsed)
    {
        var (rights, actions) = (LimitOptions.Split(parsed.GetValue(_rights)), LimitOptions.Split(parsed.GetValue(_actions)));
        var (service, template, ttl) = (parsed.GetValue(_service), parsed.GetValue(_template), parsed.GetValue(_ttl));
        if (service is null && template is null)
        {
            throw new UsageException("name the service the capability is for, e.g. --service fs, or a template of the node with --template");
        }

        if (rights is null && actions is null && template is null)
        {
            throw new UsageException("a capability without rights allows nothing; give --rights, e.g. --rights fs.open,fs.read");
        }

        return new IssueParams(
            service, actions, rights, LimitOptions.Absolute(parsed.GetValue(_prefix)),
            ttl is null && template is not null ? null : (int)Math.Max(1, (ttl ?? DefaultTtl).TotalSeconds),
            parsed.GetValue(_rate), parsed.GetValue(_subject) ?? (template is null ? "capability" : null),
            _limits.MethodsDenied(parsed), _limits.MaxBytes(parsed), _limits.QuotaBytes(parsed), _limits.ReadOnly(parsed), _limits.NotBefore(parsed), _limits.Uid(parsed), template,
            _limits.Once(parsed), _limits.HolderKey(parsed), _limits.Sandbox(parsed));
    }
}
