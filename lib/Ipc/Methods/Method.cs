using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace Strata.Ipc;

/// <summary>
/// One declared method: everything that validation, authorization, <c>describe</c>, documentation and command-line
/// completion need to know about it stands in this one object.
/// </summary>
public abstract class Method
{
    private readonly Lazy<ObjectShape> _paramsShape;
    private readonly Lazy<ObjectShape> _resultShape;
    private readonly ObjectShape? _saidParams;
    private readonly ObjectShape? _saidResult;

    private protected Method(string name, string summary, Access access, Func<JsonTypeInfo> paramsType, Func<JsonTypeInfo> resultType)
    {
        Name = name;
        Summary = summary;
        Access = access;
        // Reading annotations costs start-up time; most processes never see most of their methods called. A failure, for want of
        // descriptors or memory, must not be remembered: the next call may find both.
        _paramsShape = new(() => ShapeBuilder.ForRecord(paramsType()), LazyThreadSafetyMode.PublicationOnly);
        _resultShape = new(() => ShapeBuilder.ForRecord(resultType()), LazyThreadSafetyMode.PublicationOnly);
    }

    /// <summary>Full name, e.g. <c>fs.read</c>.</summary>
    public string Name { get; }

    /// <summary>One sentence for people.</summary>
    public string Summary { get; }

    /// <summary>Who may call it.</summary>
    public Access Access { get; }

    /// <summary>Rights that its handler asks for besides, when what is asked for takes them; told by <c>describe</c>. Default none.</summary>
    public IReadOnlyList<string> FurtherRights { get; init; } = [];

    /// <summary>The error codes its handler may answer, beside those of the pipeline.</summary>
    public IReadOnlyList<ErrorCode> Errors { get; init; } = [];

    /// <summary>True when it can answer with a stream.</summary>
    public virtual bool Streaming => false;

    /// <summary>True when the handler may block its thread and must leave the loop. Default false.</summary>
    public bool Blocking { get; init; }

    /// <summary>Whether params may name a path that authorization judges.</summary>
    public virtual bool HasResource => false;

    /// <summary>
    /// True when a call in progress goes on although its capability is revoked, because revoking is what it does; the rest are ended by
    /// <see cref="CallContext.Refuse"/>. Default false.
    /// </summary>
    public bool OutlivesRevocation { get; init; }

    /// <summary>The shape requests are held to. Default that of the params record; a method without one says it.</summary>
    public ObjectShape ParamsShape
    {
        get => _saidParams ?? _paramsShape.Value;
        init => _saidParams = value;
    }

    /// <summary>The shape of its result. Default that of the result record; a method without one says it.</summary>
    public ObjectShape ResultShape
    {
        get => _saidResult ?? _resultShape.Value;
        init => _saidResult = value;
    }

    /// <summary>The entry of this method in <c>describe</c>.</summary>
    public JsonObject Describe()
    {
        var description = DescribeWithoutFurther();
        if (FurtherRights.Count > 0)
        {
            description["further_rights"] = new JsonArray([.. FurtherRights.Select(r => JsonValue.Create(r))]);
        }

        return description;
    }

    private JsonObject DescribeWithoutFurther() => new()
    {
        ["name"] = Name,
        ["summary"] = Summary,
        ["access"] = Access.Kind switch
        {
            AccessKind.Open => "open",
            AccessKind.Right => "right",
            AccessKind.RightOrAuthority => "right_or_authority",
            AccessKind.Holder => "holder",
            AccessKind.HolderOrAuthority => "holder_or_authority",
            _ => "authority",
        },
        ["right"] = Access.RightName,
        ["streaming"] = Streaming,
        ["params"] = ParamsShape.ToSchema(),
        ["result"] = ResultShape.ToSchema(),
        ["errors"] = new JsonArray([.. Errors.Select(e => JsonValue.Create(e.WireName()))]),
    };

    /// <summary>Runs a request that passed authentication: params, second authorization, handler, answer.</summary>
    internal abstract void Dispatch(ServerSession session, in RequestEnvelope envelope, CallContext call);

    /// <summary>Reads what params ask for, without a call; gives the error that the call would be answered with when they do not fit.</summary>
    internal virtual RpcError? ReadNeeds(ReadOnlySpan<byte> json, out CallNeeds needs)
    {
        needs = new CallNeeds(null, FurtherNeeds.None);
        return CheckParams(json);
    }

    /// <summary>The same, of a method whose params tell.</summary>
    private protected RpcError? ReadNeeds<T>(
        ReadOnlySpan<byte> json, JsonTypeInfo<T> type, Func<T, string?>? resource, Func<T, FurtherNeeds>? further, out CallNeeds needs)
    {
        (needs, T parameters) = (default, default!);
        if ((CheckParams(json) ?? Parse(json, type, out parameters)) is { } error)
        {
            return error;
        }

        needs = new CallNeeds(resource?.Invoke(parameters), further?.Invoke(parameters) ?? FurtherNeeds.None);
        return null;
    }

    /// <summary>Holds params to the declared shape; null when they fit.</summary>
    internal RpcError? CheckParams(ReadOnlySpan<byte> json) => json.IsEmpty ? ParamsShape.CheckAbsent() : ParamsShape.Check(json);

    /// <summary>
    /// The way of every request to its handler: params held to their shape, read, judged. Answers and returns false when
    /// it ends on the way.
    /// </summary>
    private protected bool Admit<T>(
        ServerSession session, in RequestEnvelope envelope, CallContext call, JsonTypeInfo<T> type, Func<T, string?>? resource, out T parameters)
    {
        parameters = default!;
        var error = CheckParams(envelope.Params) ?? Parse(envelope.Params, type, out parameters)
            ?? session.Authorizer.Authorize(call.Principal, call, resource?.Invoke(parameters));
        if (error is not null)
        {
            session.Answer(call, envelope.ReqIdRaw, error);
        }

        return error is null;
    }

    /// <summary>
    /// Runs a handler once what must come first is done, on the loop thread again. A call that was cancelled meanwhile, or has been answered
    /// because its deadline passed, is not carried out.
    /// </summary>
    private protected static async ValueTask<Reply<T>> RunAfterAsync<T>(Task<RpcError?> first, ServerSession session, CallContext call, Func<ValueTask<Reply<T>>> handler)
    {
        if (await first.ConfigureAwait(false) is { } denial)
        {
            return denial;
        }

        await new LoopTurn(session);
        call.Cancellation.ThrowIfCancellationRequested();
        return await handler().ConfigureAwait(false);
    }

    private static RpcError? Parse<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, out T parameters)
    {
        try
        {
            parameters = JsonSerializer.Deserialize(json.IsEmpty ? "{}"u8 : json, type)!;
            return null;
        }
        catch (JsonException e)
        {
            // The shape lets nothing through that the serializer refuses; should that ever fail, the fault is still the caller's.
            parameters = default!;
            return RpcError.InvalidArgument($"params do not fit the method (at {e.Path})");
        }
    }
}
