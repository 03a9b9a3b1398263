using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>Has uses recorded by the node's identity service. Whatever is not its clear consent is a denial.</summary>
/// <param name="service">The service that asks.</param>
/// <param name="identity">The way to identity: one connection is kept, and a request that was written is never sent twice. The caller's.</param>
public sealed class IdentityUses(string service, RpcChannel identity) : IUseLedger
{
    /// <summary>How long identity may take: 5 s. Whether the use is spent is not known after that.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <inheritdoc/>
    public async Task<DenyReason> SpendAsync(CapabilityClaims claims, CallContext call)
    {
        var wanted = new UseParams(claims.CapabilityId, claims.ExpiresAt.ToUnixTimeSeconds(), service, call.Method.Name, claims.Subject);
        try
        {
            // Not ended with the call: what was asked for is either consented to or not.
            var answer = await identity.SendAsync(RpcRequest.Of("identity.use", wanted, ContractsJson.Default.UseParams) with { Deadline = Limit }).ConfigureAwait(false);
            return answer.Error is { } error ? ReasonOf(error) : Consents(answer) ? DenyReason.None : DenyReason.UseUnavailable;
        }
        catch (Exception e) when (e is RpcException or JsonException or OperationCanceledException)
        {
            return DenyReason.UseUnavailable;
        }
    }

    private static bool Consents(RpcResponse answer) => answer.Get(ContractsJson.Default.UseResult).Status == UseResult.Used;

    private static DenyReason ReasonOf(RpcError error) => error.Reason switch
    {
        "already_used" => DenyReason.AlreadyUsed,
        "uses_full" => DenyReason.UsesFull,
        _ => DenyReason.UseUnavailable,
    };
}
