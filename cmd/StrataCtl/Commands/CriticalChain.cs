using System.Text.Json;
using Strata.Contracts;

namespace Strata.StrataCtl.Commands;

/// <summary>
/// What the start of a node waited for: from the service that was ready last back to what it waited for, each time the
/// dependency that was ready last before it could be started. To make the start faster, make one of these faster.
/// </summary>
internal static class CriticalChain
{
    /// <summary>The chain in the order of time; empty while nothing has become ready.</summary>
    public static IReadOnlyList<GraphService> Of(IReadOnlyList<GraphService> services)
    {
        var chain = new List<GraphService>();
        for (var link = LastOf(services); link is not null; link = LastOf(services.Where(s => WaitedFor(chain[0], s))))
        {
            chain.Insert(0, link);
        }

        return chain;
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<GraphService> chain)
    {
        json.WriteStartObject();
        json.WriteStartArray("chain"u8);
        foreach (var link in chain)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, link.Name);
            json.WriteNumber("started_ms"u8, link.StartedMs ?? 0);
            json.WriteNumber("ready_ms"u8, link.ReadyMs ?? 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static GraphService? LastOf(IEnumerable<GraphService> services) =>
        services.Where(s => s.ReadyMs is not null && s.StartedMs is not null).MaxBy(s => s.ReadyMs);

    // A dependency that was ready only later was not waited for. Each step goes strictly back in start order, so that an
    // answer that contradicts itself cannot make a circle: whoever is ready before another is started is started before it.
    private static bool WaitedFor(GraphService waiting, GraphService other) =>
        (waiting.Requires.Contains(other.Name) || waiting.Wants.Contains(other.Name))
        && other.ReadyMs <= waiting.StartedMs && other.StartedMs < waiting.StartedMs;
}
