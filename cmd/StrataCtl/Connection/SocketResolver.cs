using Strata.Contracts;
using Strata.Ipc;

namespace Strata.StrataCtl.Connection;

/// <summary>Finds the socket of a service: by the registry, else by convention.</summary>
/// <param name="runtimeDirectory">Where the node's sockets are.</param>
/// <param name="notice">Told when the convention is used because the registry gave no answer.</param>
internal sealed class SocketResolver(string runtimeDirectory, Action<string> notice)
{
    public const string RuntimeDirectoryVariable = "STRATA_RUNTIME_DIR";
    public const string DefaultRuntimeDirectory = "/run/strata";

    private const string EndpointScheme = "unix://";

    /// <summary>A registry that hangs must not stop calls to services that do not.</summary>
    private static readonly TimeSpan RegistryLimit = TimeSpan.FromSeconds(2);

    public string Directory => runtimeDirectory;

    public static string RuntimeDirectory(string? option, Surroundings around) =>
        option ?? around.NonEmpty(RuntimeDirectoryVariable) ?? DefaultRuntimeDirectory;

    /// <summary>The service a method belongs to: what stands before its first dot.</summary>
    public static string ServiceOf(string method) => method.IndexOf('.') is >= 0 and var dot ? method[..dot] : method;

    public string ByConvention(string service) => Path.Join(runtimeDirectory, $"{service}.sock");

    public async Task<string> ResolveAsync(string service, CancellationToken cancellation)
    {
        // The registry cannot be asked where it is, and the supervisor must be found when no registry runs.
        if (service is "registry" or "supervisor")
        {
            return ByConvention(service);
        }

        if (await AskRegistryAsync(service, cancellation).ConfigureAwait(false) is { Length: > 0 } endpoint)
        {
            return endpoint.StartsWith(EndpointScheme, StringComparison.Ordinal) ? endpoint[EndpointScheme.Length..] : endpoint;
        }

        notice($"registry unavailable, using convention for {service}");
        return ByConvention(service);
    }

    private async Task<string?> AskRegistryAsync(string service, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(RegistryLimit);
        try
        {
            var client = await RpcClient.ConnectAsync(ByConvention("registry"), null, limit.Token).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                var found = await client.CallAsync(
                    "registry.resolve", new ServiceName(service), WireJson.Default.ServiceName, WireJson.Default.ResolveResult,
                    cancellation: limit.Token).ConfigureAwait(false);
                return found.Endpoint;
            }
        }
        catch (Exception e) when (e is RpcException or System.Text.Json.JsonException)
        {
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }
}
