using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Strata.Ipc;

/// <summary>Params of a method that takes none.</summary>
public sealed record NoParams;

/// <summary>Result of <c>SERVICE.ping</c>.</summary>
/// <param name="Service">Name of the answering service.</param>
/// <param name="Pid">Its process id.</param>
public sealed record PingResult(
    [property: Description("name of the answering service")] string Service,
    [property: Description("its process id")] int Pid);

/// <summary>Result of <c>SERVICE.describe</c>.</summary>
/// <param name="Service">Name of the answering service.</param>
/// <param name="Protocol">Protocol version.</param>
/// <param name="Methods">One object a method.</param>
public sealed record DescribeResult(
    [property: Description("name of the answering service")] string Service,
    [property: Description("protocol version")] int Protocol,
    [property: Description("name, summary, access, right, streaming, params and result (JSON Schema), errors of every method")] JsonNode Methods);

/// <summary>Params of <c>cancel</c>.</summary>
/// <param name="ReqId">Id of the call to end.</param>
public sealed record CancelParams(
    [property: Description("req_id of the call on this connection to end")]
    [property: StringLength(256, MinimumLength = 1)] string ReqId);

/// <summary>A result that says what state was reached.</summary>
/// <param name="Status">E.g. <c>cancelled</c>, <c>revoked</c>.</param>
public sealed record StatusResult([property: Description("the state reached")] string Status);

/// <summary>The methods that every service has.</summary>
internal static class BuiltInMethods
{
    internal static Method Ping(string service)
    {
        var result = new PingResult(service, Environment.ProcessId);
        return new UnaryMethod<NoParams, PingResult>(
            $"{service}.ping", "Answers at once; tells that the service is alive.", Access.Open,
            () => IpcJson.Default.NoParams, () => IpcJson.Default.PingResult, (_, _) => (Reply<PingResult>)result);
    }

    internal static Method Describe(string service, Func<JsonArray> methods)
    {
        return new UnaryMethod<NoParams, DescribeResult>(
            $"{service}.describe", "Lists every method with the JSON Schema of its params and result, its right and its errors.", Access.Open,
            () => IpcJson.Default.NoParams, () => IpcJson.Default.DescribeResult,
            (_, _) => (Reply<DescribeResult>)new DescribeResult(service, 1, methods()));
    }
}

/// <summary>Ends a call in progress on the same connection.</summary>
internal sealed class CancelMethod() : Method(
    "cancel", "Ends a call in progress on this connection; its last frame is still sent.", Access.Open,
    () => IpcJson.Default.CancelParams, () => IpcJson.Default.StatusResult)
{
    internal override void Dispatch(ServerSession session, in RequestEnvelope envelope, CallContext call)
    {
        if (!Admit(session, envelope, call, IpcJson.Default.CancelParams, resource: null, out var parameters))
        {
            return;
        }

        var target = parameters.ReqId;
        Reply<StatusResult> reply = session.CancelCalls(target)
            ? new StatusResult("cancelled")
            : RpcError.NotFound($"no call \"{JsonText.Shorten(System.Text.Encoding.UTF8.GetBytes(target))}\" is in progress on this connection");
        session.Answer(call, envelope.ReqIdRaw, reply, IpcJson.Default.StatusResult);
    }
}
