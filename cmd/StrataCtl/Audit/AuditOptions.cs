using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Commands;
using Strata.StrataCtl.Doctor;

namespace Strata.StrataCtl.Audit;

/// <summary>What the audit commands have in common: where the logs are, whose, and which records.</summary>
internal sealed class AuditOptions
{
    private const string Outcomes = "allowed, denied, refused, failed or done";

    private readonly Argument<string[]> _services = new("SERVICE") { Description = "Services whose logs to read [default: all]", HelpName = "SERVICE", Arity = ArgumentArity.ZeroOrMore };
    private readonly Option<string?> _directory = Named("--audit-dir", "Directory of the logs [default: audit in the node's state dir]", "DIR");
    private readonly Option<string?> _capability = Named("--capability", "Of this capability: what it was used for, and its issue and revocation", "ID");
    private readonly Option<string?> _subject = Named("--subject", "Of this subject", "NAME");
    private readonly Option<string?> _method = Named("--method", "Calls of this method; fs.* for all of fs", "METHOD");
    private readonly Option<string?> _event = Named("--event", "Of this kind, e.g. auth.denied or cap.*", "EVENT");
    private readonly Option<string?> _outcome = Named("--outcome", $"Only what was {Outcomes}", "OUTCOME");
    private readonly Option<string?> _resource = Named("--resource", "With this text in the path, service or capability acted on", "TEXT");
    private readonly Option<string?> _request = Named("--req-id", "Of this request", "ID");
    private readonly Option<string?> _since = Named("--since", "From this time on, or so long ago: 2030-01-02T03:04:05Z, 10m", "TIME");
    private readonly Option<string?> _until = Named("--until", "Up to this time, or so long ago", "TIME");

    /// <summary>Where and whose.</summary>
    public IEnumerable<Symbol> Place => [_services, _directory];

    /// <summary>Where, whose and which.</summary>
    public IEnumerable<Symbol> All => [.. Place, _capability, _subject, _method, _event, _outcome, _resource, _request, _since, _until];

    /// <summary>The audit directory.</summary>
    public string DirectoryOf(Session session, ParseResult parsed) => parsed.GetValue(_directory)
        ?? Path.Join(DirectoryChecks.StatePath(session.Around, session.Node.Sockets.Directory, session.RuntimeDirectoryIsDefault), "audit");

    /// <summary>The services asked for, or all that have logs.</summary>
    public IReadOnlyList<string> ServicesOf(Session session, ParseResult parsed)
    {
        var directory = DirectoryOf(session, parsed);
        var known = AuditLogs.Services(directory);
        var wanted = parsed.GetValue(_services) is { Length: > 0 } given ? given.Distinct(StringComparer.Ordinal).ToArray() : known;
        return wanted.FirstOrDefault(s => !known.Contains(s)) is { } missing
            ? throw new UsageException($"there is no audit log of \"{missing}\" in {directory}; there are: {(known.Count > 0 ? string.Join(", ", known) : "none")}")
            : wanted;
    }

    public AuditTrail TrailOf(Session session, ParseResult parsed) => new(DirectoryOf(session, parsed), ServicesOf(session, parsed));

    public AuditFilter FilterOf(Session session, ParseResult parsed) => new()
    {
        Capability = parsed.GetValue(_capability),
        Subject = parsed.GetValue(_subject),
        Method = parsed.GetValue(_method),
        Event = parsed.GetValue(_event),
        Outcome = parsed.GetValue(_outcome) is var outcome && outcome is null or "allowed" or "denied" or "refused" or "failed" or "done" ? outcome : throw new UsageException($"--outcome takes {Outcomes}"),
        Resource = parsed.GetValue(_resource),
        ReqId = parsed.GetValue(_request),
        Since = TimeOf("--since", parsed.GetValue(_since), session),
        Until = TimeOf("--until", parsed.GetValue(_until), session),
    };

    private static DateTimeOffset? TimeOf(string option, string? text, Session session) => text is null ? null
        : LogsSince.Parse(text, session.Around.Time.GetUtcNow())?.Time is { } time ? DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)
        : throw new UsageException($"{option} takes a time such as 2030-01-02T03:04:05Z or a span such as 10m");

    private static Option<string?> Named(string name, string description, string value) => new(name) { Description = description, HelpName = value };
}
