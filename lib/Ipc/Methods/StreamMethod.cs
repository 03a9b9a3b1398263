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
    private readonly JsonTypeInfo<TParams> _paramsType;
    private readonly JsonTypeInfo<TResult> _resultType;
    private readonly StreamHandler<TParams, TResult> _handler;

    /// <summary>Declares the method; see <see cref="UnaryMethod{TParams,TResult}"/> for the parameters.</summary>
    public StreamMethod(
        string name, string summary, Access access, JsonTypeInfo<TParams> paramsType, JsonTypeInfo<TResult> resultType, StreamHandler<TParams, TResult> handler)
        : base(name, summary, access, paramsType, resultType) =>
        (_paramsType, _resultType, _handler) = (paramsType, resultType, handler);

    /// <inheritdoc/>
    public override bool Streaming => true;

    /// <summary>The path or name in the params that authorization must judge; null when there is none.</summary>
    public Func<TParams, string?>? Resource { get; init; }

    internal override void Dispatch(ServerSession session, in RequestEnvelope envelope, CallContext call)
    {
        if (CheckParams(envelope.Params) is { } fault)
        {
            session.Answer(envelope.ReqIdRaw, fault);
            return;
        }

        var parameters = Parse(envelope.Params, _paramsType);
        if (session.Authorizer.Authorize(call.Principal, call, Resource?.Invoke(parameters)) is { } denial)
        {
            session.Answer(envelope.ReqIdRaw, denial);
            return;
        }

        session.Track(
            new PendingStream<TResult>(session, call, envelope.ReqIdRaw, _resultType),
            pending => pending.Start(_handler(parameters, call)));
    }
}
