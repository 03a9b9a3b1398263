using System.Text;
using System.Text.Json;
using Strata.Ipc;

namespace Strata.StrataCtl.Connection;

/// <summary>Finds the socket of a service: by the registry, else by convention.</summary>
/// <param name="runtimeDirectory">Where the node's sockets are.</param>
/// <param name="notice">Told when the convention is used because the registry gave no answer.</param>
internal sealed class SocketResolver(string runtimeDirectory, Action<string> notice)
{
    public const string RuntimeDirectoryVariable = "STRATA_RUNTIME_DIR";
    public const string DefaultRuntimeDirectory = "/run/strata";
    public const string ExplainMethod = "policy.explain";

    private const string EndpointScheme = "unix://";

    /// <summary>A registry that hangs must not stop calls to services that do not.</summary>
    private static readonly TimeSpan RegistryLimit = TimeSpan.FromSeconds(2);

    public string Directory => runtimeDirectory;

    public static string RuntimeDirectory(string? option, Surroundings around) =>
        option ?? around.NonEmpty(RuntimeDirectoryVariable) ?? DefaultRuntimeDirectory;

    /// <summary>The service a method belongs to: what stands before its first dot.</summary>
    public static string ServiceOf(string method) => method.IndexOf('.') is >= 0 and var dot ? method[..dot] : method;

    /// <summary>The service that a call goes to: <c>policy.explain</c> is answered by the service of the method it asks about.</summary>
    public static string ServiceOf(string method, ReadOnlyMemory<byte> parameters)
    {
        if (method != ExplainMethod || parameters.IsEmpty)
        {
            return ServiceOf(method);
        }

        using var document = JsonDocument.Parse(parameters);
        return document.RootElement.ValueKind == JsonValueKind.Object
            && document.RootElement.TryGetProperty("method", out var asked) && asked.ValueKind == JsonValueKind.String
                ? ServiceOf(asked.GetString()!)
                : ServiceOf(method);
    }

    public string ByConvention(string service) => Path.Join(runtimeDirectory, $"{service}.sock");

    public string Resolve(string service)
    {
        // The registry cannot be asked where it is, and the supervisor must be found when no registry runs.
        if (service is "registry" or "supervisor")
        {
            return ByConvention(service);
        }

        if (AskRegistry(service) is { Length: > 0 } endpoint)
        {
            return endpoint.StartsWith(EndpointScheme, StringComparison.Ordinal) ? endpoint[EndpointScheme.Length..] : endpoint;
        }

        notice($"registry unavailable, using convention for {service}");
        return ByConvention(service);
    }

    private string? AskRegistry(string service)
    {
        try
        {
            var request = new RpcRequest("registry.resolve") { ReqId = "resolve", Params = Encoding.UTF8.GetBytes(Encode(service)) };
            using var answer = JsonDocument.Parse(BlockingExchange.Send(ByConvention("registry"), request, RegistryLimit));
            return answer.RootElement.ValueKind == JsonValueKind.Object
                && answer.RootElement.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Object
                && result.TryGetProperty("endpoint", out var endpoint) && endpoint.ValueKind == JsonValueKind.String
                ? endpoint.GetString()
                : null;
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Encode(string service) => $"{{\"service\":\"{JsonEncodedText.Encode(service)}\"}}";
}
