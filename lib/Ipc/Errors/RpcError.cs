using System.Collections.Immutable;

namespace Strata.Ipc;

/// <summary>An expected failure of a call: a value, not an exception.</summary>
/// <param name="Code">The wire code.</param>
/// <param name="Message">A sentence for a person: what was wrong and what to do. At most <see cref="MaxMessageChars"/> characters are sent.</param>
public sealed record RpcError(ErrorCode Code, string Message)
{
    /// <summary>The longest message sent, in UTF-16 characters; the rest is cut.</summary>
    public const int MaxMessageChars = 1024;

    /// <summary>The stable machine-readable reason, sent as <c>details.reason</c>; null sends none.</summary>
    public string? Reason { get; init; }

    /// <summary>Further string members of <c>details</c>, e.g. the field at fault; empty sends none.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Details { get; init; } = [];

    /// <summary>A fault of the request itself.</summary>
    public static RpcError InvalidArgument(string message) => new(ErrorCode.InvalidArgument, message);

    /// <summary>A fault of one named field of the params.</summary>
    public static RpcError InvalidField(string field, string message) =>
        new(ErrorCode.InvalidArgument, message) { Details = [new("field", field)] };

    /// <summary>The thing asked for does not exist.</summary>
    public static RpcError NotFound(string message) => new(ErrorCode.NotFound, message);

    /// <summary>The request does not fit the present state.</summary>
    public static RpcError Conflict(string message) => new(ErrorCode.Conflict, message);

    /// <summary>The service cannot answer now.</summary>
    public static RpcError Unavailable(string message, string? reason = null) => new(ErrorCode.Unavailable, message) { Reason = reason };

    /// <summary>A named limit is reached.</summary>
    public static RpcError ResourceExhausted(string message, string? reason = null) =>
        new(ErrorCode.ResourceExhausted, message) { Reason = reason };

    /// <summary>A fault of the service; the message must not carry what a caller may not know.</summary>
    public static RpcError Internal(string message) => new(ErrorCode.Internal, message);
}
