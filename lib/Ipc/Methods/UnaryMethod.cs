using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>Answers one request with one result.</summary>
/// <remarks>Runs on the connection's loop thread unless the method is <see cref="Method.Blocking"/>; it must not block there.</remarks>
public delegate ValueTask<Reply<TResult>> UnaryHandler<TParams, TResult>(TParams parameters, CallContext call);

/// <summary>A method with one answer.</summary>
/// <typeparam name="TParams">Its params record.</typeparam>
/// <typeparam name="TResult">Its result record.</typeparam>
public sealed class UnaryMethod<TParams, TResult> : Method
{
    private readonly Lazy<JsonTypeInfo<TParams>> _paramsType;
    private readonly Lazy<JsonTypeInfo<TResult>> _resultType;
    private readonly UnaryHandler<TParams, TResult> _handler;

    /// <summary>Declares the method.</summary>
    /// <param name="name">Full name, e.g. <c>fs.read</c>.</param>
    /// <param name="summary">One sentence for people.</param>
    /// <param name="access">Who may call it.</param>
    /// <param name="paramsType">Gives the source-generated metadata of the params; asked once, when first needed, because making it is a large part of a start.</param>
    /// <param name="resultType">The same of the result.</param>
    /// <param name="handler">What it does.</param>
    public UnaryMethod(
        string name, string summary, Access access, Func<JsonTypeInfo<TParams>> paramsType, Func<JsonTypeInfo<TResult>> resultType, UnaryHandler<TParams, TResult> handler)
        : base(name, summary, access, paramsType, resultType) =>
        (_paramsType, _resultType, _handler) = (new(paramsType, LazyThreadSafetyMode.PublicationOnly), new(resultType, LazyThreadSafetyMode.PublicationOnly), handler);

    /// <summary>Declares the method with metadata that is at hand.</summary>
    public UnaryMethod(
        string name, string summary, Access access, JsonTypeInfo<TParams> paramsType, JsonTypeInfo<TResult> resultType, UnaryHandler<TParams, TResult> handler)
        : this(name, summary, access, () => paramsType, () => resultType, handler)
    {
    }

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

        if (session.Authorizer.Settle(call.Principal, call) is { } first)
        {
            DispatchAfter(first, session, envelope.ReqIdRaw, call, parameters);
            return;
        }

        var reply = Blocking ? RunElsewhere(parameters, call) : _handler(parameters, call);
        if (reply.IsCompletedSuccessfully)
        {
            session.Answer(call, envelope.ReqIdRaw, reply.Result, _resultType.Value);
            call.End();
            return;
        }

        var pending = new PendingUnary<TResult>(session, call, envelope.ReqIdRaw, _resultType.Value);
        session.Track(pending);
        pending.Start(reply);
    }

    private void DispatchAfter(Task<RpcError?> first, ServerSession session, ReadOnlySpan<byte> reqIdRaw, CallContext call, TParams parameters)
    {
        var pending = new PendingUnary<TResult>(session, call, reqIdRaw, _resultType.Value);
        session.Track(pending);
        pending.Start(RunAfterAsync(first, session, call, () => Blocking ? RunElsewhere(parameters, call) : _handler(parameters, call)));
    }

    // A method of its own, so that the closure is paid for by blocking methods only.
    private ValueTask<Reply<TResult>> RunElsewhere(TParams parameters, CallContext call) =>
        new(Task.Run(() => _handler(parameters, call).AsTask()));
}
