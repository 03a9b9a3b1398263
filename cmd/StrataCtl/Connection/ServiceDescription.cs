using System.Text.Json;

namespace Strata.StrataCtl.Connection;

/// <summary>The answer of <c>SERVICE.describe</c>.</summary>
/// <param name="Json">As received.</param>
internal sealed record ServiceDescription(JsonElement Json)
{
    public IReadOnlyList<MethodDescription> Methods =>
        Json.TryGetProperty("methods", out var methods) && methods.ValueKind == JsonValueKind.Array
            ? [.. methods.EnumerateArray().Where(m => m.ValueKind == JsonValueKind.Object).Select(m => new MethodDescription(m))]
            : [];
}
