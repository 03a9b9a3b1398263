using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>Finds out the addresses of names, outside of all sandboxes.</summary>
internal interface INameResolver
{
    /// <summary>The addresses; empty when there is no such name.</summary>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellation);
}

/// <summary>As the host itself does.</summary>
internal sealed class HostNameResolver : INameResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellation)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name, cancellation).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
