using System.CommandLine;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>describe</c>: the methods of the node, of a service, or one method in full.</summary>
internal static class DescribeCommand
{
    public static Command Create(Cli cli)
    {
        var what = new Argument<string?>("WHAT")
        {
            Description = "A service, e.g. fs, or a method, e.g. fs.read [default: every service]",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "SERVICE|METHOD",
        };
        what.CompletionSources.Add(context => context.WordToComplete.Contains('.')
            ? NodeNames.Methods(context.ParseResult, cli)
            : NodeNames.Services(context.ParseResult, cli));
        return cli.Command(
            "describe", "Shows methods: what they do, take, give and need.", [what],
            ["strata-ctl describe", "strata-ctl describe fs", "strata-ctl describe fs.read"],
            (session, parsed, cancellation) => parsed.GetValue(what) switch
            {
                null => AllAsync(session, cancellation),
                var name when name.Contains('.') => MethodAsync(session, name, cancellation),
                var name => ServiceAsync(session, name, cancellation),
            });
    }

    private static async Task<int> AllAsync(Session session, CancellationToken cancellation)
    {
        CallFailure? last = null;
        var found = await NodeDescription.AllAsync(
            session.Node,
            (service, failure) =>
            {
                last = failure;
                session.Notice($"{service}: {failure.Error.Message}");
            },
            cancellation).ConfigureAwait(false);
        if (found.Count == 0 && last is not null)
        {
            throw new CallFailedException(last);
        }

        Show(session, found);
        return last?.ExitCode ?? ExitCode.Ok;
    }

    private static async Task<int> ServiceAsync(Session session, string service, CancellationToken cancellation)
    {
        Show(session, [await NodeDescription.OfAsync(session.Node, service, cancellation).ConfigureAwait(false)]);
        return ExitCode.Ok;
    }

    private static async Task<int> MethodAsync(Session session, string name, CancellationToken cancellation)
    {
        var service = await NodeDescription.OfAsync(session.Node, SocketResolver.ServiceOf(name), cancellation).ConfigureAwait(false);
        var method = service.Methods.FirstOrDefault(m => m.Name == name)
            ?? throw new UsageException($"{name} is not a method; strata-ctl describe {SocketResolver.ServiceOf(name)} lists them");
        if (session.Out.Json)
        {
            session.Out.Document(method.Json.WriteTo);
            return ExitCode.Ok;
        }

        session.Out.Line(method.Name, Tone.Heading);
        session.Out.Line(method.Summary);
        session.Out.Raw("\n");
        session.Out.Fields(
        [
            ("access", AccessOf(method)),
            ("streams", method.Streaming ? "yes" : "no"),
            ("errors", method.Errors.Count == 0 ? "-" : string.Join(", ", method.Errors)),
        ]);
        ShowFields(session, "Params:", method.Params);
        ShowFields(session, "Result:", method.Result);
        return ExitCode.Ok;
    }

    private static void Show(Session session, IReadOnlyList<ServiceDescription> services)
    {
        if (session.Out.Json)
        {
            session.Out.Document(json =>
            {
                json.WriteStartObject();
                json.WriteStartArray("services"u8);
                foreach (var service in services)
                {
                    service.Json.WriteTo(json);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            });
            return;
        }

        var table = new Table("METHOD", "ACCESS", "STREAMS", "SUMMARY");
        foreach (var method in services.SelectMany(s => s.Methods))
        {
            table.Add(method.Name, AccessOf(method), method.Streaming ? "yes" : "-", method.Summary);
        }

        session.Out.Table(table);
    }

    private static void ShowFields(Session session, string heading, IReadOnlyList<FieldDescription> fields)
    {
        session.Out.Raw("\n");
        session.Out.Line(fields.Count == 0 ? $"{heading} none" : heading, Tone.Heading);
        if (fields.Count == 0)
        {
            return;
        }

        var table = new Table("NAME", "TYPE", "REQUIRED", "DEFAULT", "DESCRIPTION");
        foreach (var field in fields)
        {
            table.Add(field.Name, field.Type, field.Required ? "yes" : "no", field.Default ?? "-", field.Description ?? "");
        }

        session.Out.Table(table);
    }

    private static string AccessOf(MethodDescription method) => (method.Access, method.Right) switch
    {
        ("right", { } right) => right,
        ("right_or_authority", { } right) => $"{right} or authority",
        ("holder", _) => "any holder",
        ("holder_or_authority", _) => "any holder or authority",
        var (access, _) => access,
    };
}
