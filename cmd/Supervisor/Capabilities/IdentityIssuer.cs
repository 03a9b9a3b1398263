using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>Asks identity, which knows the supervisor by its peer credentials as any authority of the node; no key is held here.</summary>
internal sealed class IdentityIssuer(NodeSettings settings, TimeProvider time) : ICapabilityIssuer
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(2);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IssueResult>> IssueAsync(IReadOnlyList<IssueParams> wanted, CancellationToken cancellation) => CallEachAsync(
        "identity.issue", wanted, ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult, cancellation);

    /// <inheritdoc/>
    public Task RevokeAsync(IReadOnlyList<string> capabilityIds, CancellationToken cancellation) => CallEachAsync(
        "identity.revoke", [.. capabilityIds.Select(id => new RevokeParams(id))], ContractsJson.Default.RevokeParams, ContractsJson.Default.RevokeResult, cancellation);

    private async Task<IReadOnlyList<TResult>> CallEachAsync<TParams, TResult>(
        string method, IReadOnlyList<TParams> all, JsonTypeInfo<TParams> parameters, JsonTypeInfo<TResult> result, CancellationToken cancellation)
    {
        var client = await RpcClient.ConnectAsync(settings.SocketOf(NodePlan.IdentityName), time, PeerAuthority.MayServe, cancellation).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            // Side by side, so that the syncs of several revocations are one.
            return await Task.WhenAll(all.Select(one => client.CallAsync(method, one, parameters, result, deadline: CallTimeout, cancellation: cancellation))).ConfigureAwait(false);
        }
    }
}
