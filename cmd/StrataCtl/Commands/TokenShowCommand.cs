using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;
using Strata.StrataCtl.Tokens;

namespace Strata.StrataCtl.Commands;

/// <summary><c>token show</c>: what a token says, and whether identity agrees.</summary>
internal static class TokenShowCommand
{
    private static readonly string[] ClaimNames = ["jti", "sub", "iss", "aud", "iat", "exp", "service", "actions", "rights", "template", "since"];

    public static Command Create(Cli cli)
    {
        var token = new Argument<string?>("TOKEN")
        {
            Description = "The token, or the id of a capability [default: --token, --token-file, STRATA_TOKEN or STRATA_TOKEN_FILE]",
            Arity = ArgumentArity.ZeroOrOne,
            HelpName = "TOKEN|CAP_ID",
        };
        return cli.Command(
            "show", "Decodes a token without trusting it, and asks identity whether it is good (exit 1 when it is not).", [token],
            ["strata-ctl token show --token-file backup.token", "strata-ctl token show 5f0c6a7e9d2b41c8a3e4d5f60718293a", "STRATA_TOKEN=... strata-ctl token show --json"],
            (session, parsed, cancellation) => RunAsync(session, parsed.GetValue(token) ?? session.Token, cancellation));
    }

    private static async Task<int> RunAsync(Session session, string? token, CancellationToken cancellation)
    {
        if (token is null)
        {
            throw new UsageException($"no token given; name one, or use --token, --token-file, {TokenSource.Variable} or {TokenSource.FileVariable}");
        }

        if (IsCapabilityId(token))
        {
            return await ShowIssuedAsync(session, token, cancellation).ConfigureAwait(false);
        }

        var claims = TokenClaims.Read(token)
            ?? throw new UsageException("this is not a token: those look like v2.public.… or v4.public.… and carry a capability");
        var (verdict, failure) = await AskAsync(session, token, cancellation).ConfigureAwait(false);
        var links = claims.TryGetProperty("chain", out var found) ? found : default;
        var chain = await TokenChain.OfAsync(session, CapabilityFacts.OfClaims(claims), links, asks: verdict is not null, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(json => Write(json, claims, chain, verdict, failure));
        }
        else
        {
            session.Out.Fields(FieldsOf(session, claims, verdict, failure));
            DrawChain(session.Out, chain);
        }

        return failure?.ExitCode ?? (verdict!.Active ? ExitCode.Ok : ExitCode.Refused);
    }

    private static bool IsCapabilityId(string text) => text.Length is >= 16 and <= 64 && text.All(char.IsAsciiHexDigitLower);

    private static async Task<int> ShowIssuedAsync(Session session, string capId, CancellationToken cancellation)
    {
        var call = Call.Of("identity.show", new ShowParams(capId), WireJson.Default.ShowParams) with { WithToken = true, AuthorityMayAct = true, Resource = capId };
        var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
        if (session.Out.Json)
        {
            session.Out.Document(response.Result);
            return ExitCode.Ok;
        }

        var shown = response.Get(WireJson.Default.IssuedCapability);
        List<(string Name, Cell Value)> fields =
        [
            ("state", shown.Revoked ? new Cell("revoked", Tone.Bad) : new Cell("active", Tone.Good)),
            ("cap_id", shown.CapId), ("subject", shown.Subject), ("service", shown.Service),
            ("issued", shown.Issued), ("expires", $"{shown.Expires}{Distance(session, shown.Expires)}"), ("signed by", shown.Kid),
        ];
        AddIf(fields, "rights", shown.Rights);
        AddIf(fields, "actions", shown.Actions);
        AddIf(fields, "template", shown.Template is { } template ? [template] : null);
        var json = JsonElement.Parse(response.Result.Span);
        if (json.TryGetProperty("constraints", out var constraints))
        {
            fields.AddRange(constraints.EnumerateObject().Select(c => (SafeText.Of(c.Name), (Cell)TokenClaims.Text(constraints, c.Name))));
        }

        session.Out.Fields(fields);
        var links = json.TryGetProperty("chain", out var found) ? found : default;
        DrawChain(session.Out, await TokenChain.OfAsync(session, CapabilityFacts.Of(json), links, asks: true, cancellation).ConfigureAwait(false));
        return shown.Revoked ? ExitCode.Refused : ExitCode.Ok;
    }

    private static void DrawChain(OutputWriter output, TokenChain chain)
    {
        if (chain.Links.Count > 1)
        {
            output.Line("");
            chain.Draw(output);
        }
    }

    private static void AddIf(List<(string Name, Cell Value)> fields, string name, IReadOnlyList<string>? values)
    {
        if (values is { Count: > 0 })
        {
            fields.Add((name, string.Join(", ", values)));
        }
    }

    private static async Task<(IntrospectResult? Verdict, CallFailure? Failure)> AskAsync(Session session, string token, CancellationToken cancellation)
    {
        try
        {
            var call = Call.Of("identity.introspect", new IntrospectParams(token), WireJson.Default.IntrospectParams);
            return (await session.Node.CallAsync(call, WireJson.Default.IntrospectResult, cancellation).ConfigureAwait(false), null);
        }
        catch (CallFailedException e)
        {
            return (null, e.Failure);
        }
    }

    private static List<(string Name, Cell Value)> FieldsOf(Session session, JsonElement claims, IntrospectResult? verdict, CallFailure? failure)
    {
        List<(string Name, Cell Value)> fields =
        [
            ("verdict", verdict switch
            {
                { Active: true } => new Cell("active", Tone.Good),
                { Reason: var reason } => new Cell($"not active: {reason ?? "no reason given"}", Tone.Bad),
                null => new Cell($"unknown: {failure!.Error.Message}", Tone.Warning),
            }),
        ];
        foreach (var name in ClaimNames)
        {
            if (TokenClaims.Text(claims, name) is { } value)
            {
                fields.Add((name, name == "exp" ? $"{value}{Distance(session, value)}" : value));
            }
        }

        if (claims.TryGetProperty("constraints", out var constraints) && constraints.ValueKind == JsonValueKind.Object)
        {
            fields.AddRange(constraints.EnumerateObject().Select(c => (SafeText.Of(c.Name), (Cell)TokenClaims.Text(constraints, c.Name))));
        }

        return fields;
    }

    private static string Distance(Session session, string expires)
    {
        if (!DateTimeOffset.TryParse(expires, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
        {
            return "";
        }

        var left = at - session.Around.Time.GetUtcNow();
        return left > TimeSpan.Zero ? $" (in {Durations.Show(left)})" : $" ({Durations.Show(left.Negate())} ago)";
    }

    private static void Write(Utf8JsonWriter json, JsonElement claims, TokenChain chain, IntrospectResult? verdict, CallFailure? failure)
    {
        json.WriteStartObject();
        if (verdict is null)
        {
            json.WriteNull("active"u8);
            json.WriteString("reason"u8, failure!.Error.Message);
        }
        else
        {
            json.WriteBoolean("active"u8, verdict.Active);
            json.WriteString("reason"u8, verdict.Reason);
        }

        json.WritePropertyName("claims_unverified"u8);
        claims.WriteTo(json);
        if (chain.Links.Count > 1)
        {
            json.WritePropertyName("family"u8);
            chain.Write(json);
        }

        json.WriteEndObject();
    }
}
