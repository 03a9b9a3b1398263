namespace Strata.Ipc;

/// <summary>The closed family of failures that protocol v1 can carry. The numbers are the wire codes.</summary>
public enum ErrorCode
{
    /// <summary>The request is malformed; sending it again unchanged cannot succeed.</summary>
    InvalidArgument = 1,

    /// <summary>The call needs a capability and none that is valid was presented.</summary>
    Unauthenticated = 2,

    /// <summary>The capability is valid and does not allow this call.</summary>
    PermissionDenied = 3,

    /// <summary>The thing named by the request does not exist.</summary>
    NotFound = 4,

    /// <summary>A fault of the service; details are in its log under the request's <c>req_id</c>.</summary>
    Internal = 5,

    /// <summary>The service cannot answer now; the same call may succeed later.</summary>
    Unavailable = 6,

    /// <summary>A named limit is reached: rate, size, count or space.</summary>
    ResourceExhausted = 7,

    /// <summary>The request does not fit the present state, e.g. starting what runs.</summary>
    Conflict = 8,
}

/// <summary>Maps <see cref="ErrorCode"/> to and from its name on the wire.</summary>
public static class ErrorCodes
{
    /// <summary>The upper-case name that accompanies the number in a response, e.g. <c>INVALID_ARGUMENT</c>.</summary>
    public static string WireName(this ErrorCode code) => code switch
    {
        ErrorCode.InvalidArgument => "INVALID_ARGUMENT",
        ErrorCode.Unauthenticated => "UNAUTHENTICATED",
        ErrorCode.PermissionDenied => "PERMISSION_DENIED",
        ErrorCode.NotFound => "NOT_FOUND",
        ErrorCode.Unavailable => "UNAVAILABLE",
        ErrorCode.ResourceExhausted => "RESOURCE_EXHAUSTED",
        ErrorCode.Conflict => "CONFLICT",
        _ => "INTERNAL",
    };

    /// <summary>The code for a number read from the wire; an unknown number is <see cref="ErrorCode.Internal"/>.</summary>
    public static ErrorCode FromWire(int number) =>
        number is >= (int)ErrorCode.InvalidArgument and <= (int)ErrorCode.Conflict ? (ErrorCode)number : ErrorCode.Internal;
}
