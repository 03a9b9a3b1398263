using System.Text;
using System.Text.Json;

namespace Strata.StrataCtl.Compat;

/// <summary>
/// Prints a response as the original client does: its members in a fixed order, absent and null ones left out,
/// everything else dropped, indented by two.
/// </summary>
internal static class GoEnvelope
{
    /// <summary>Renders the envelope and a newline.</summary>
    /// <param name="payload">The response as received.</param>
    /// <param name="forTerminal">True escapes the control characters that the original would let through to a terminal.</param>
    /// <param name="ok">Whether the response says so.</param>
    /// <exception cref="JsonException">The payload is not JSON.</exception>
    public static byte[] Render(ReadOnlyMemory<byte> payload, bool forTerminal, out bool ok)
    {
        using var document = JsonDocument.Parse(payload);
        var root = document.RootElement;
        ok = root.TryGetProperty("ok", out var value) && value.ValueKind == JsonValueKind.True;
        var json = new GoJsonWriter(forTerminal);
        json.BeginObject();
        json.Member("v", "0", root);
        json.Member("req_id", "\"\"", root);
        json.Literal("ok", ok ? "true" : "false");
        if (root.TryGetProperty("result", out var result) && result.ValueKind != JsonValueKind.Null)
        {
            json.Name("result");
            json.Value(result);
        }

        if (root.TryGetProperty("error", out var error) && error.ValueKind == JsonValueKind.Object)
        {
            WriteError(json, error);
        }

        json.EndObject();
        return Encoding.UTF8.GetBytes(json.ToString() + "\n");
    }

    private static void WriteError(GoJsonWriter json, JsonElement error)
    {
        json.Name("error");
        json.BeginObject();
        json.Member("code", "0", error);
        json.Member("name", "\"\"", error);
        json.Member("message", "\"\"", error);
        if (error.TryGetProperty("details", out var details) && details.ValueKind == JsonValueKind.Object && details.GetPropertyCount() > 0)
        {
            json.Name("details");
            json.Value(details);
        }

        json.EndObject();
    }
}
