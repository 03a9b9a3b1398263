using System.Text.Json.Serialization;

namespace Strata.Hosting;

/// <summary>One line of the audit log. Never holds a token or a key.</summary>
/// <param name="Event">E.g. <c>cap.issued</c>, <c>cap.revoked</c>, <c>auth.denied</c>, <c>fs.open</c>, <c>fs.read</c>, <c>svc.crash</c>.</param>
/// <param name="Outcome"><c>allowed</c>; <c>denied</c> for want of authority; <c>refused</c>, the request did not fit; <c>failed</c>; <c>done</c>, of the service's own accord.</param>
public sealed record AuditRecord(string Event, string Outcome)
{
    /// <summary>When, RFC 3339 UTC with milliseconds; filled in by the log.</summary>
    public string? Time { get; init; }

    /// <summary>Node; filled in by the log.</summary>
    public string? Node { get; init; }

    /// <summary>Service; filled in by the log.</summary>
    public string? Service { get; init; }

    /// <summary>Id of the request.</summary>
    public string? ReqId { get; init; }

    /// <summary>Subject of the capability.</summary>
    public string? Subject { get; init; }

    /// <summary>Id of the capability.</summary>
    public string? CapId { get; init; }

    /// <summary>Method called.</summary>
    public string? Method { get; init; }

    /// <summary>Path, service name or capability acted on.</summary>
    public string? Resource { get; init; }

    /// <summary>Stable reason code of a denial, or cause.</summary>
    public string? Reason { get; init; }

    /// <summary>For <c>fs.close</c>: how many reads the handle served.</summary>
    public long? Reads { get; init; }

    /// <summary>For <c>fs.read</c> and <c>fs.close</c>: how many bytes were read.</summary>
    public long? Bytes { get; init; }

    /// <summary>For <c>fs.close</c>: how many bytes were written through the handle.</summary>
    public long? Written { get; init; }

    /// <summary>For what has two paths, such as <c>fs.rename</c>: the second.</summary>
    public string? Target { get; init; }

    /// <summary>For <c>confinement.denied</c>: how often that was denied to the service so far; for <c>audit.lost</c>: how many records were.</summary>
    public long? Count { get; init; }

    /// <summary>Denials of the same user that were left out just before this one, for they came too fast.</summary>
    public long? Suppressed { get; init; }

    /// <summary>User id of the caller.</summary>
    public uint? Uid { get; init; }

    /// <summary>Process id of the caller.</summary>
    public int? Pid { get; init; }
}

/// <summary>JSON of audit records: snake_case, absent members left out.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AuditRecord))]
public sealed partial class AuditJson : JsonSerializerContext;
