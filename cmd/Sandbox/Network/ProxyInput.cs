namespace Strata.Sandbox;

/// <summary>What comes from a client, looked at before it is taken.</summary>
internal sealed class ProxyInput(Stream stream, int capacity)
{
    private readonly byte[] _buffer = new byte[capacity];
    private int _start;
    private int _end;

    /// <summary>What is there and not taken.</summary>
    internal ReadOnlyMemory<byte> Waiting => _buffer.AsMemory(_start, _end - _start);

    /// <summary>Takes from the beginning.</summary>
    internal void Take(int count) => _start += count;

    /// <summary>Waits until something is whole.</summary>
    /// <param name="read">Reads what is there; null while it is not whole.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null when the client left before it began.</returns>
    /// <exception cref="NetworkFault">It is longer than there is room, or the client left within it.</exception>
    internal async ValueTask<T?> ReadAsync<T>(Func<ReadOnlyMemory<byte>, (int Length, T Value)?> read, CancellationToken cancellation) where T : class
    {
        while (true)
        {
            if (_end > _start && read(Waiting) is { } whole)
            {
                Take(whole.Length);
                return whole.Value;
            }

            if (!await FillAsync(cancellation).ConfigureAwait(false))
            {
                return _end == _start ? null : throw Destination.Malformed("the request ends before it is whole");
            }
        }
    }

    /// <summary>Reads more.</summary>
    /// <returns>Whether there was more.</returns>
    internal async ValueTask<bool> FillAsync(CancellationToken cancellation)
    {
        if (_start > 0)
        {
            Waiting.CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            throw Destination.Malformed(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"the request is longer than {_buffer.Length} bytes"));
        }

        var count = await stream.ReadAsync(_buffer.AsMemory(_end), cancellation).ConfigureAwait(false);
        _end += count;
        return count > 0;
    }
}
