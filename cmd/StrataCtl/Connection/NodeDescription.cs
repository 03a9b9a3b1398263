using System.Text.Json;

namespace Strata.StrataCtl.Connection;

/// <summary>Asks services what they can do.</summary>
internal static class NodeDescription
{
    private static readonly string[] AlwaysThere = ["supervisor", "registry"];

    /// <summary>One service's description.</summary>
    /// <exception cref="CallFailedException">It cannot be had.</exception>
    public static async Task<ServiceDescription> OfAsync(Node node, string service, CancellationToken cancellation)
    {
        var response = await node.SendAsync(new Call($"{service}.describe"), cancellation).ConfigureAwait(false);
        using var document = JsonDocument.Parse(response.Result.IsEmpty ? "{}"u8.ToArray() : response.Result);
        return new ServiceDescription(document.RootElement.Clone());
    }

    /// <summary>The description of the supervisor, the registry and everything registered, as far as they answer.</summary>
    /// <param name="node">The node.</param>
    /// <param name="failed">Told of each that does not answer.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<IReadOnlyList<ServiceDescription>> AllAsync(Node node, Action<string, CallFailure> failed, CancellationToken cancellation)
    {
        var found = new List<ServiceDescription>();
        foreach (var service in await NamesAsync(node, cancellation).ConfigureAwait(false))
        {
            try
            {
                found.Add(await OfAsync(node, service, cancellation).ConfigureAwait(false));
            }
            catch (CallFailedException e)
            {
                failed(service, e.Failure);
            }
        }

        return found;
    }

    private static async Task<IEnumerable<string>> NamesAsync(Node node, CancellationToken cancellation)
    {
        try
        {
            var registered = await node.CallAsync(new Call("registry.list"), WireJson.Default.RegistryList, cancellation).ConfigureAwait(false);
            return AlwaysThere.Concat(registered.Services.Select(s => s.Service)).Distinct(StringComparer.Ordinal);
        }
        catch (CallFailedException)
        {
            return [.. AlwaysThere, "identity", "fs"];
        }
    }
}
