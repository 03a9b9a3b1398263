using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>
/// Passes on the body of one request and not a byte more, so that no second request, to whom nobody decided on, follows it to the server.
/// </summary>
internal static class RequestBody
{
    /// <summary>Passes it on.</summary>
    /// <param name="input">From the client.</param>
    /// <param name="server">Where to.</param>
    /// <param name="length">Its bytes; null for chunks.</param>
    /// <param name="progress">Told of each part's size.</param>
    /// <param name="cancellation">Ends it.</param>
    internal static async Task PassAsync(ProxyInput input, Stream server, long? length, Action<int> progress, CancellationToken cancellation)
    {
        if (length is { } bytes)
        {
            await PassBytesAsync(input, server, bytes, progress, cancellation).ConfigureAwait(false);
            return;
        }

        while (true)
        {
            var size = ChunkLine.Parse(await LineAsync(input, cancellation).ConfigureAwait(false));
            await server.WriteAsync(Encoding.ASCII.GetBytes(size.ToString("x", CultureInfo.InvariantCulture) + "\r\n"), cancellation).ConfigureAwait(false);
            if (size == 0)
            {
                await PassEndAsync(input, server, cancellation).ConfigureAwait(false);
                return;
            }

            await PassBytesAsync(input, server, size, progress, cancellation).ConfigureAwait(false);
            if ((await LineAsync(input, cancellation).ConfigureAwait(false)).Length > 0)
            {
                throw Destination.Malformed("a chunk of a body must end where its size says");
            }

            await server.WriteAsync("\r\n"u8.ToArray(), cancellation).ConfigureAwait(false);
        }
    }

    // Fields behind the body were not looked at when it was decided, and are left out.
    private static async Task PassEndAsync(ProxyInput input, Stream server, CancellationToken cancellation)
    {
        for (var count = 0; (await LineAsync(input, cancellation).ConfigureAwait(false)).Length > 0; count++)
        {
            if (count == HttpHead.MaxFields)
            {
                throw Destination.Malformed("too many fields behind a body");
            }
        }

        await server.WriteAsync("\r\n"u8.ToArray(), cancellation).ConfigureAwait(false);
    }

    private static async Task PassBytesAsync(ProxyInput input, Stream server, long left, Action<int> progress, CancellationToken cancellation)
    {
        while (left > 0)
        {
            if (input.Waiting.IsEmpty && !await input.FillAsync(cancellation).ConfigureAwait(false))
            {
                throw Destination.Malformed("the body ends before it is whole");
            }

            var part = input.Waiting[..(int)Math.Min(left, input.Waiting.Length)];
            await server.WriteAsync(part, cancellation).ConfigureAwait(false);
            progress(part.Length);
            left -= part.Length;
            input.Take(part.Length);
        }
    }

    private static async ValueTask<byte[]> LineAsync(ProxyInput input, CancellationToken cancellation) =>
        await input.ReadAsync<byte[]>(
            waiting => waiting.Span[..Math.Min(waiting.Length, ChunkLine.MaxBytes + 2)].IndexOf("\r\n"u8) is >= 0 and var end ? (end + 2, waiting[..end].ToArray())
                : waiting.Length >= ChunkLine.MaxBytes + 2 ? throw Destination.Malformed("a line within a body is too long")
                : null,
            cancellation).ConfigureAwait(false) ?? throw Destination.Malformed("the body ends before it is whole");
}
