using System.Text;
using System.Text.Json;

namespace Strata.Ipc;

/// <summary>
/// Explains how a call of one of the service's methods would be judged, without making it. Open, because it decides by itself who
/// sees how much: whoever holds no more than the token learns no more than a denial would tell.
/// </summary>
internal sealed class ExplainMethod(Func<ReadOnlySpan<byte>, Method?> find) : Method(
    MethodName, "Explains how a call would be judged, check by check, and what would have to change; makes no call and spends nothing.", Access.Open,
    () => IpcJson.Default.ExplainParams, () => IpcJson.Default.ExplainResult)
{
    /// <summary>Its name, and that of the right that lets a holder see everything.</summary>
    internal const string MethodName = "policy.explain";

    internal override void Dispatch(ServerSession session, in RequestEnvelope envelope, CallContext call)
    {
        if (!Admit(session, envelope, call, IpcJson.Default.ExplainParams, resource: null, out var wish))
        {
            return;
        }

        var error = Explain(session, wish, session.QueryOf(this, envelope, call), out var result);
        session.Answer(call, envelope.ReqIdRaw, error is null ? result! : error, IpcJson.Default.ExplainResult);
        call.End();
    }

    private RpcError? Explain(ServerSession session, ExplainParams wish, in AuthorizationQuery own, out ExplainResult? result)
    {
        result = null;
        if (find(Encoding.UTF8.GetBytes(wish.Method)) is not { } method)
        {
            return RpcError.InvalidField("method", $"the field \"method\" must be a method of this service, not {JsonText.Shorten(Encoding.UTF8.GetBytes(wish.Method))}");
        }

        if (ReadNeeds(method, wish.Params, out var needs) is { } fault)
        {
            return fault;
        }

        var token = wish.Token is { } named ? Encoding.UTF8.GetBytes(named) : own.Token;
        return session.Authorizer.Explain(new ExplanationQuery { Method = method, Needs = needs, Token = token, Uid = wish.Uid, Own = own }, out result);
    }

    private static RpcError? ReadNeeds(Method method, JsonElement? parameters, out CallNeeds? needs)
    {
        needs = null;
        if (parameters is null && method.ParamsShape.CheckAbsent() is not null)
        {
            return null;
        }

        if (parameters is { ValueKind: not JsonValueKind.Object })
        {
            return RpcError.InvalidField("params", "the field \"params\" must be an object: the params that the call would carry");
        }

        var json = parameters is { } given ? Encoding.UTF8.GetBytes(given.GetRawText()) : [];
        if (method.ReadNeeds(json, out var read) is { } fault)
        {
            return fault.Details is [("field", var field), ..] ? RpcError.InvalidField($"params.{field}", $"in the params of {method.Name}: {fault.Message}") : fault;
        }

        needs = read;
        return null;
    }
}
