using System.Text.Json;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Tokens;

/// <summary>A capability and all it was derived from, the root first, drawn as a tree with what each step narrowed.</summary>
/// <param name="Links">The capabilities; the last is the one shown.</param>
internal sealed record TokenChain(IReadOnlyList<CapabilityFacts> Links)
{
    private const string ListRight = "identity.list";

    /// <summary>Whether identity's account was withheld, so that only the token's own words are shown.</summary>
    public bool IsWithheld { get; private init; }

    /// <summary>The chain of a capability, completed by identity's account of its ancestors as far as the caller may see it.</summary>
    /// <param name="session">The node.</param>
    /// <param name="leaf">The capability.</param>
    /// <param name="chain">Its <c>chain</c> as it stands in the token, or in the account.</param>
    /// <param name="asks">False leaves identity alone.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<TokenChain> OfAsync(Session session, CapabilityFacts leaf, JsonElement chain, bool asks, CancellationToken cancellation)
    {
        // A token's chain has eight links; what is longer is none, and nobody is asked about it.
        List<CapabilityFacts> links = chain.ValueKind == JsonValueKind.Array ? [.. chain.EnumerateArray().Take(Policy.ClaimLimits.MaxChain).Select(CapabilityFacts.OfLink)] : [];
        var withheld = !asks;
        for (var i = 0; i < links.Count && !withheld; i++)
        {
            (var found, withheld) = await AskAsync(session, links[i].CapId, cancellation).ConfigureAwait(false);
            links[i] = found ?? links[i];
        }

        return new([.. links, leaf]) { IsWithheld = withheld && links.Count > 0 };
    }

    public void Draw(OutputWriter output)
    {
        for (var i = 0; i < Links.Count; i++)
        {
            var (link, indent) = (Links[i], i == 0 ? "" : new string(' ', 3 * (i - 1)));
            output.Line($"{indent}{(i == 0 ? "" : "└─ ")}{Name(link)}{(i == Links.Count - 1 ? "  (this one)" : "")}", link.IsRevoked == true ? Tone.Bad : Tone.Heading);
            foreach (var line in Lines(i))
            {
                output.Line($"{new string(' ', 3 * i)}   {line}");
            }
        }

        if (IsWithheld)
        {
            output.Line($"what each step narrowed is for authorities of the node and holders of {ListRight}; shown is what the token says", Tone.Faint);
        }
    }

    public void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        for (var i = 0; i < Links.Count; i++)
        {
            json.WriteStartObject();
            json.WriteString("cap_id"u8, Links[i].CapId);
            json.WriteString("subject"u8, Links[i].Subject);
            json.WriteBoolean("known"u8, Links[i].IsKnown);
            if (Links[i].IsRevoked is { } revoked)
            {
                json.WriteBoolean("revoked"u8, revoked);
            }

            if (i > 0 && Narrowed.Between(Links[i - 1], Links[i]) is { } steps)
            {
                json.WriteStartArray("narrowed"u8);
                foreach (var step in steps)
                {
                    json.WriteStringValue(step);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private IEnumerable<string> Lines(int index)
    {
        var link = Links[index];
        if (index > 0)
        {
            return Narrowed.Between(Links[index - 1], link) is not { } steps ? SharedOf(link) : steps.Count == 0 ? ["narrowed nothing"] : steps;
        }

        return link.IsKnown
            ? [$"rights: {string.Join(", ", link.Rights)}", .. SharedOf(link), .. DeniedOf(link), $"ends: {link.Expires}"]
            : SharedOf(link);
    }

    private static IEnumerable<string> SharedOf(CapabilityFacts link) => link.Limits.Select(limit => $"{limit.Key}: {limit.Value}");

    private static IEnumerable<string> DeniedOf(CapabilityFacts link) =>
        link.MethodsDenied.Count == 0 ? [] : [$"methods_denied: {string.Join(", ", link.MethodsDenied)}"];

    private static string Name(CapabilityFacts link) =>
        $"{link.CapId}{(link.Subject is { } subject ? $"  {subject}" : "")}{(link.IsRevoked == true ? "  revoked" : "")}";

    private static async Task<(CapabilityFacts? Found, bool Withheld)> AskAsync(Session session, string capId, CancellationToken cancellation)
    {
        // The token that is shown speaks for its holder only where it holds the right; an authority asks without one.
        var call = Call.Of("identity.show", new ShowParams(capId), WireJson.Default.ShowParams) with
        {
            OwnToken = session.Token is { } own && TokenClaims.Names(own, ListRight) ? own : null,
        };
        try
        {
            var response = await session.Node.SendAsync(call, cancellation).ConfigureAwait(false);
            return (CapabilityFacts.Of(JsonElement.Parse(response.Result.Span)), false);
        }
        catch (CallFailedException e)
        {
            // One that has expired is on no account any more; the rest may be.
            return (null, e.Failure.Error.Code != Ipc.ErrorCode.NotFound);
        }
    }
}
