using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>Answers one request with any number of items, or refuses before the first.</summary>
public delegate ValueTask<Reply<IAsyncEnumerable<TResult>>> StreamHandler<TParams, TResult>(TParams parameters, CallContext call);

/// <summary>
/// A method that streams when asked with <c>"more": true</c>; asked without, it answers with its first item alone.
/// </summary>
/// <typeparam name="TParams">Its params record.</typeparam>
/// <typeparam name="TResult">The record of every item.</typeparam>
public sealed class StreamMethod<TParams, TResult> : Method
{
    private readonly Lazy<JsonTypeInfo<TParams>> _paramsType;
    private readonly Lazy<JsonTypeInfo<TResult>> _resultType;
    private readonly StreamHandler<TParams, TResult> _handler;

    /// <summary>Declares the method; see <see cref="UnaryMethod{TParams,TResult}"/> for the parameters.</summary>
    public StreamMethod(
        string name, string summary, Access access, Func<JsonTypeInfo<TParams>> paramsType, Func<JsonTypeInfo<TResult>> resultType, StreamHandler<TParams, TResult> handler)
        : base(name, summary, access, paramsType, resultType) =>
        (_paramsType, _resultType, _handler) = (new(paramsType, LazyThreadSafetyMode.PublicationOnly), new(resultType, LazyThreadSafetyMode.PublicationOnly), handler);

    /// <summary>Declares the method with metadata that is at hand.</summary>
    public StreamMethod(
        string name, string summary, Access access, JsonTypeInfo<TParams> paramsType, JsonTypeInfo<TResult> resultType, StreamHandler<TParams, TResult> handler)
        : this(name, summary, access, () => paramsType, () => resultType, handler)
    {
    }

    /// <inheritdoc/>
    public override bool Streaming => true;

    /// <summary>The path or name in the params that authorization must judge; null when there is none.</summary>
    public Func<TParams, string?>? Resource { get; init; }

    /// <summary>What its handler asks authority for besides, as <see cref="FurtherNeeds"/> tells; null when there is nothing. For explanations.</summary>
    public Func<TParams, FurtherNeeds>? Further { get; init; }

    /// <inheritdoc/>
    public override bool HasResource => Resource is not null;

    internal override RpcError? ReadNeeds(ReadOnlySpan<byte> json, out CallNeeds needs) => ReadNeeds(json, _paramsType.Value, Resource, Further, out needs);

    internal override void Dispatch(ServerSession session, in RequestEnvelope envelope, CallContext call)
    {
        if (!Admit(session, envelope, call, _paramsType.Value, Resource, out var parameters))
        {
            return;
        }

        if (session.StreamsFull)
        {
            session.Answer(call, envelope.ReqIdRaw, RpcError.ResourceExhausted(
                "this connection carries as many streams as it may; end one, or open another connection", "too_many_streams"));
            return;
        }

        if (session.Authorizer.Settle(call.Principal, call) is { } first)
        {
            DispatchAfter(first, session, envelope.ReqIdRaw, call, parameters);
            return;
        }

        // Called before it is tracked: a handler that throws here must not keep a place on the connection.
        var begun = _handler(parameters, call);
        var pending = new PendingStream<TResult>(session, call, envelope.ReqIdRaw, _resultType.Value);
        session.Track(pending);
        pending.Start(begun);
    }

    private void DispatchAfter(Task<RpcError?> first, ServerSession session, ReadOnlySpan<byte> reqIdRaw, CallContext call, TParams parameters)
    {
        var pending = new PendingStream<TResult>(session, call, reqIdRaw, _resultType.Value);
        session.Track(pending);
        pending.Start(RunAfterAsync(first, session, call, () => _handler(parameters, call)));
    }
}
