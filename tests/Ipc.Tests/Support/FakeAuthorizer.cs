using System.Text;

namespace Strata.Ipc.Tests;

/// <summary>Takes the token <c>good</c> for everything but the resource <c>forbidden</c>.</summary>
internal sealed class FakeAuthorizer : IAuthorizer
{
    public List<object?> Principals { get; } = [];

    /// <summary>The calls that were not answered at once.</summary>
    public List<CallContext> Begun { get; } = [];

    public Action<CallContext>? OnBegan { get; set; }

    public void Began(CallContext call)
    {
        Begun.Add(call);
        OnBegan?.Invoke(call);
    }

    public RpcError? Authenticate(in AuthorizationQuery query, out object? principal)
    {
        principal = Encoding.UTF8.GetString(query.Token);
        return query.Method.Access.Kind == AccessKind.Open || query.Token.SequenceEqual("good"u8)
            ? null
            : new RpcError(ErrorCode.Unauthenticated, query.Token.IsEmpty ? "no token" : "bad token");
    }

    public RpcError? Authorize(object? principal, CallContext call, string? resource)
    {
        Principals.Add(principal);
        return resource == "forbidden" ? new RpcError(ErrorCode.PermissionDenied, "not there") { Reason = "path" } : null;
    }
}
