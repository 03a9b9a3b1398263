using System.CommandLine;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token list</c>: what was issued and has not expired.</summary>
internal sealed class TokenListCommand
{
    private const int PageSize = 500;

    private readonly Option<string?> _subject = new("--subject") { Description = "Only those of this holder", HelpName = "NAME" };
    private readonly Option<string?> _service = new("--service") { Description = "Only those for this service", HelpName = "NAME" };
    private readonly Option<string?> _parent = new("--parent") { Description = "Only those derived from this capability, directly", HelpName = "CAP_ID" };
    private readonly Option<string?> _template = new("--template") { Description = "Only those of this template", HelpName = "NAME" };
    private readonly Option<string?> _expires = new("--expires-before") { Description = "Only those that end before this time, RFC 3339", HelpName = "TIME" };
    private readonly Option<int> _limit = new("--limit") { Description = "Most to list", HelpName = "COUNT", DefaultValueFactory = _ => 1000 };

    public static Command Create(Cli cli)
    {
        var it = new TokenListCommand();
        it._service.CompletionSources.Add(context => NodeNamesOf(context, cli));
        return cli.Command(
            "list", "Lists the capabilities that were issued and have not expired; never a token.",
            [it._subject, it._service, it._parent, it._template, it._expires, it._limit],
            ["strata-ctl token list --subject backup", "strata-ctl token list --service fs --json"],
            it.RunAsync);
    }

    private static IEnumerable<string> NodeNamesOf(System.CommandLine.Completions.CompletionContext context, Cli cli) => Completion.NodeNames.Services(context.ParseResult, cli);

    private async Task<int> RunAsync(Session session, ParseResult parsed, CancellationToken cancellation)
    {
        var (left, cursor, all) = (parsed.GetValue(_limit), (string?)null, new List<IssuedSummary>());
        do
        {
            var wanted = new IssuedListParams(
                parsed.GetValue(_subject), parsed.GetValue(_service), parsed.GetValue(_parent), parsed.GetValue(_template), parsed.GetValue(_expires), cursor,
                Math.Clamp(left, 1, PageSize));
            var call = Call.Of("identity.list", wanted, WireJson.Default.IssuedListParams) with { WithToken = true, AuthorityMayAct = true };
            var page = await session.Node.CallAsync(call, WireJson.Default.IssuedList, cancellation).ConfigureAwait(false);
            all.AddRange(page.Capabilities);
            (left, cursor) = (left - page.Capabilities.Count, page.Next);
        }
        while (cursor is not null && left > 0);
        Show(session, all);
        if (cursor is not null)
        {
            session.Notice("there are more; give a higher --limit, or choose by --subject, --service, --template or --parent");
        }

        return ExitCode.Ok;
    }

    private static void Show(Session session, List<IssuedSummary> all)
    {
        if (session.Out.Json)
        {
            session.Out.Document(json => JsonSerializer.Serialize(json, new IssuedList(all), WireJson.Default.IssuedList));
            return;
        }

        var now = session.Around.Time.GetUtcNow();
        var table = new Table("CAP_ID", "SUBJECT", "SERVICE", "ENDS", "STATE", "PARENT", "TEMPLATE");
        foreach (var one in all)
        {
            var ends = DateTimeOffset.Parse(one.Expires, System.Globalization.CultureInfo.InvariantCulture) - now;
            table.Add(
                one.CapId, one.Subject, one.Service, ends > TimeSpan.Zero ? $"in {Durations.Show(ends)}" : "now",
                one.Revoked ? new Cell("revoked", Tone.Bad) : new Cell("active", Tone.Good), one.Parent ?? "-", one.Template ?? "-");
        }

        session.Out.Table(table);
    }
}
