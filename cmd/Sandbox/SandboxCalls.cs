using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Turns what a sandbox cannot do, thrown wherever it was found out, into what the caller is answered.</summary>
internal static class SandboxCalls
{
    /// <summary>A handler that may throw <see cref="SandboxException"/>.</summary>
    internal static UnaryHandler<TParams, TResult> Answer<TParams, TResult>(Func<TParams, CallContext, ValueTask<Reply<TResult>>> handler) => async (p, call) =>
    {
        try
        {
            return await handler(p, call).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            return ErrorOf(e);
        }
    };

    /// <summary>The same of a streaming method, for what is found out before its first item.</summary>
    internal static StreamHandler<TParams, TResult> AnswerStream<TParams, TResult>(Func<TParams, CallContext, ValueTask<Reply<IAsyncEnumerable<TResult>>>> handler) => async (p, call) =>
    {
        try
        {
            return await handler(p, call).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            return ErrorOf(e);
        }
    };

    internal static RpcError ErrorOf(SandboxException e) => new(e.Code, e.Message)
    {
        Reason = e.Reason, Details = e.Offset is { } offset ? [new("offset", offset.ToString(System.Globalization.CultureInfo.InvariantCulture))] : [],
    };
}
