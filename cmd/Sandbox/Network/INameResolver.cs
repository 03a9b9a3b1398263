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
#pragma warning disable CA1001 // It lasts as long as the service, and a semaphore without a wait handle holds nothing.
internal sealed class HostNameResolver : INameResolver
#pragma warning restore CA1001
{
    /// <summary>Most names that are asked for at once: each holds a thread until its answer comes, whether or not somebody waits for it still.</summary>
    internal const int MaxAtOnce = 32;

    private readonly SemaphoreSlim _places = new(MaxAtOnce);

    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellation)
    {
        await _places.WaitAsync(cancellation).ConfigureAwait(false);
        return await AskAsync(name).WaitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<IReadOnlyList<IPAddress>> AskAsync(string name)
    {
        try
        {
            return await Dns.GetHostAddressesAsync(name).ConfigureAwait(false);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            return [];
        }
        finally
        {
            _places.Release();
        }
    }
}
