using System.Globalization;
using System.Text.Json;

namespace Strata.StrataCtl.Audit;

/// <summary>Which records are wanted; a criterion that is null lets all pass.</summary>
internal sealed record AuditFilter
{
    public string? Capability { get; init; }

    public string? Subject { get; init; }

    public string? Method { get; init; }

    public string? Event { get; init; }

    public string? Outcome { get; init; }

    public string? Resource { get; init; }

    public string? ReqId { get; init; }

    public DateTimeOffset? Since { get; init; }

    public DateTimeOffset? Until { get; init; }

    /// <summary>Whether a record passes.</summary>
    public bool Matches(JsonElement record) =>
        (Capability is null || Is(record, "cap_id", Capability) || (Is(record, "resource", Capability) && Text(record, "event")?.StartsWith("cap.", StringComparison.Ordinal) == true))
        && Passes(record, "subject", Subject) && Passes(record, "outcome", Outcome) && Passes(record, "req_id", ReqId)
        && Like(record, "method", Method) && Like(record, "event", Event)
        && (Resource is null || Text(record, "resource")?.Contains(Resource, StringComparison.Ordinal) == true)
        && (TimeOf(record) is { } time ? !(time < Since) && !(time > Until) : Since is null && Until is null);

    /// <summary>When a record was made; null when it does not say.</summary>
    public static DateTimeOffset? TimeOf(JsonElement record) =>
        DateTimeOffset.TryParse(Text(record, "time"), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;

    /// <summary>A member as text; null when it is not there.</summary>
    public static string? Text(JsonElement record, string name) =>
        record.ValueKind == JsonValueKind.Object && record.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Object or JsonValueKind.Array)
            ? value.ToString()
            : null;

    private static bool Is(JsonElement record, string name, string wanted) => Text(record, name) == wanted;

    private static bool Passes(JsonElement record, string name, string? wanted) => wanted is null || Is(record, name, wanted);

    /// <summary>A name, or the beginning of names: <c>fs.*</c>.</summary>
    private static bool Like(JsonElement record, string name, string? wanted) => wanted is null
        || (wanted.EndsWith('*') ? Text(record, name)?.StartsWith(wanted[..^1], StringComparison.Ordinal) == true : Is(record, name, wanted));
}
