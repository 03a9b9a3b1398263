namespace Strata.Ipc;

/// <summary>Thrown by the client when a call was answered with an error or could not be answered.</summary>
public sealed class RpcException : Exception
{
    /// <summary>Wraps the error of a response.</summary>
    /// <param name="error">What the service answered, or what the client found.</param>
    /// <param name="inner">The transport fault behind it, if any.</param>
    public RpcException(RpcError error, Exception? inner = null)
        : base(error.Message, inner) => Error = error;

    /// <summary>The error as on the wire; transport faults are <see cref="ErrorCode.Unavailable"/>.</summary>
    public RpcError Error { get; }

    /// <summary>
    /// True when the request was never written as a whole, because its connection had ended or ended meanwhile: no service has carried
    /// it out, and it may be sent again. False when that is unknown, or the request was answered.
    /// </summary>
    public bool WasNotSent { get; init; }
}
