using System.Buffers;

namespace Strata.Sandbox;

/// <summary>Carries bytes.</summary>
internal static class Relay
{
    private const int BufferBytes = 32 * 1024;

    /// <summary>Carries what comes until its end.</summary>
    /// <param name="from">Where from.</param>
    /// <param name="to">Where to.</param>
    /// <param name="progress">Told of each part's size.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task CarryAsync(Stream from, Stream to, Action<int> progress, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            int count;
            while ((count = await from.ReadAsync(buffer, cancellation).ConfigureAwait(false)) > 0)
            {
                await to.WriteAsync(buffer.AsMemory(0, count), cancellation).ConfigureAwait(false);
                progress(count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
