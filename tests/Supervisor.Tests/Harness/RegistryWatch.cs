using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Supervisor.Tests;

/// <summary>Follows the registry as any client can.</summary>
internal static class RegistryWatch
{
    /// <summary>Waits until all of these are registered; the entries as they were seen.</summary>
    internal static async Task<IReadOnlyDictionary<string, RegistryEntry>> UntilAsync(RpcClient client, params string[] names)
    {
        using var late = new CancellationTokenSource(TestNode.Deadline);
        var seen = new Dictionary<string, RegistryEntry>();
        var request = RpcRequest.Of("registry.watch", new NoParams(), ContractsJson.Default.NoParams);
        await foreach (var frame in client.StreamAsync(request, late.Token))
        {
            var item = frame.Get(ContractsJson.Default.RegistryEvent);
            foreach (var entry in (item.Services ?? []).Concat(item.Entry is { } one ? [one] : []))
            {
                seen[entry.Service] = entry;
            }

            if (names.All(seen.ContainsKey))
            {
                return seen;
            }
        }

        throw new TimeoutException("the registry ended the watch");
    }
}
