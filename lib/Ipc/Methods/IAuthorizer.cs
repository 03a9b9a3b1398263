namespace Strata.Ipc;

/// <summary>What the one authorization point is asked about a call.</summary>
public readonly ref struct AuthorizationQuery
{
    /// <summary>The method called.</summary>
    public required Method Method { get; init; }

    /// <summary>The token as it came, UTF-8; empty when the request carried none.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>The proof that goes with the token; without a signature when the request carried none.</summary>
    public RequestProof Proof { get; init; }

    /// <summary>The request's id between its quotes exactly as sent, which a proof covers.</summary>
    public ReadOnlySpan<byte> ReqIdRaw { get; init; }

    /// <summary>The params exactly as sent, which a proof covers; empty when there are none.</summary>
    public ReadOnlySpan<byte> Params { get; init; }

    /// <summary>The caller as the kernel vouches for it.</summary>
    public Peer Peer { get; init; }

    /// <summary>The request's id, for the audit record.</summary>
    public required CallContext Call { get; init; }
}

/// <summary>The authorization point that the pipeline asks before any handler runs.</summary>
/// <remarks>All calls are made on the connection's loop thread, must not block, and must be safe from several loops.</remarks>
public interface IAuthorizer
{
    /// <summary>
    /// First pass, before params are looked at: is the token good and does it hold the method's right?
    /// </summary>
    /// <returns>Null when allowed; <paramref name="principal"/> is then handed to the handler.</returns>
    RpcError? Authenticate(in AuthorizationQuery query, out object? principal);

    /// <summary>Second pass, params parsed: may this principal do it to this resource, and now (rate)?</summary>
    /// <param name="principal">What the first pass gave.</param>
    /// <param name="call">The call.</param>
    /// <param name="resource">The path or name the method declares as its resource, or null.</param>
    /// <returns>Null when allowed.</returns>
    RpcError? Authorize(object? principal, CallContext call, string? resource);

    /// <summary>Explains how a call would be judged. Spends nothing and makes no call; decides by itself how much the one who asks may see.</summary>
    /// <param name="query">The call.</param>
    /// <param name="result">The explanation, when the answer is null.</param>
    /// <returns>Null when there is one.</returns>
    RpcError? Explain(in ExplanationQuery query, out ExplainResult? result)
    {
        result = null;
        return new RpcError(ErrorCode.Unauthenticated, "this service verifies no capabilities");
    }

    /// <summary>
    /// Last pass, everything else decided: what takes time and must be done before the handler runs, such as recording the one use of a
    /// capability. Default: nothing.
    /// </summary>
    /// <param name="principal">What the first pass gave.</param>
    /// <param name="call">The call.</param>
    /// <returns>Null when there is nothing to wait for; otherwise what completes with null, when the handler may run, or with a denial.</returns>
    Task<RpcError?>? Settle(object? principal, CallContext call) => null;

    /// <summary>Told of an allowed call that is not answered at once: from here on <see cref="CallContext.Refuse"/> ends it. Default: nothing is kept.</summary>
    /// <param name="call">The call.</param>
    void Began(CallContext call)
    {
    }
}

/// <summary>An authorizer for methods that are all <see cref="Access.Open"/>; everything else is denied.</summary>
public sealed class OpenMethodsOnly : IAuthorizer
{
    /// <summary>The only instance.</summary>
    public static OpenMethodsOnly Instance { get; } = new();

    /// <inheritdoc/>
    public RpcError? Authenticate(in AuthorizationQuery query, out object? principal)
    {
        principal = null;
        return query.Method.Access.Kind == AccessKind.Open
            ? null
            : new RpcError(ErrorCode.Unauthenticated, "this service verifies no capabilities");
    }

    /// <inheritdoc/>
    public RpcError? Authorize(object? principal, CallContext call, string? resource) => null;
}
