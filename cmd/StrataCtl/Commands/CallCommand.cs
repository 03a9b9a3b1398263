using System.CommandLine;
using System.Text;
using System.Text.Json;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Completion;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary><c>call</c>: any method with params as JSON, its result as JSON.</summary>
internal static class CallCommand
{
    public static Command Create(Cli cli)
    {
        var method = new Argument<string>("METHOD") { Description = "Full name of the method, e.g. fs.stat", HelpName = "METHOD" };
        method.CompletionSources.Add(context => NodeNames.Methods(context.ParseResult, cli));
        var json = new Argument<string?>("JSON")
        {
            Description = "Params as a JSON object; - reads them from standard input",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "JSON",
        };
        var follow = new Option<bool>("--follow", "-f") { Description = "Ask for a stream: one result a line until it ends or is interrupted" };
        return cli.Command(
            "call", "Calls a method and prints its result.", [method, json, follow],
            ["strata-ctl call supervisor.status", "strata-ctl call fs.stat '{\"path\":\"notes.txt\"}'", "strata-ctl call -f registry.watch"],
            (session, parsed, cancellation) => RunAsync(
                session, parsed.GetRequiredValue(method), parsed.GetValue(json), parsed.GetValue(follow), cancellation));
    }

    private static async Task<int> RunAsync(Session session, string method, string? json, bool follow, CancellationToken cancellation)
    {
        if (!method.Contains('.'))
        {
            throw new UsageException($"{method} is not the name of a method: those are SERVICE.NAME, e.g. fs.stat");
        }

        var text = json == "-" ? await ReadInputAsync(session, cancellation).ConfigureAwait(false) : json;
        var call = new Call(method) { Params = ToParams(text), WithToken = true };
        if (!follow)
        {
            var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
            session.Out.Document(response.Result);
            return ExitCode.Ok;
        }

        await foreach (var item in session.Node.StreamAsync(call, cancellation).ConfigureAwait(false))
        {
            session.Out.JsonLine(item.Result);
        }

        return ExitCode.Ok;
    }

    internal static async Task<string> ReadInputAsync(Session session, CancellationToken cancellation)
    {
        using var reader = new StreamReader(session.Around.Stdin, leaveOpen: true);
        return await reader.ReadToEndAsync(cancellation).ConfigureAwait(false);
    }

    internal static byte[]? ToParams(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? Encoding.UTF8.GetBytes(text)
                : throw new UsageException("the params must be a JSON object, e.g. '{\"path\":\"notes.txt\"}'");
        }
        catch (JsonException e)
        {
            throw new UsageException($"the params are not JSON: {e.Message}");
        }
    }
}
