namespace Strata.Sandbox;

/// <summary>What was read of one output and is not given yet.</summary>
/// <remarks>Its memory is nobody else's ever: an item that was given may be written to the caller after everything here has ended.</remarks>
internal sealed class KeptOutput(OutputEnd end)
{
    private const int FirstBytes = 4 * 1024;
    private const int GrowthFactor = 8;

    private byte[] _bytes = GC.AllocateUninitializedArray<byte>(FirstBytes);

    /// <summary>Bytes that wait to be given.</summary>
    internal int Filled { get; private set; }

    /// <summary>Bytes given away so far.</summary>
    internal long Given { get; private set; }

    /// <summary>What waits; null for nothing.</summary>
    internal ReadOnlyMemory<byte>? Piece() => Filled > 0 ? _bytes.AsMemory(0, Filled) : default(ReadOnlyMemory<byte>?);

    /// <summary>It was given, and its bytes written to the caller.</summary>
    internal void Clear()
    {
        var wasFull = Filled == _bytes.Length;
        (Given, Filled) = (Given + Filled, 0);
        if (wasFull)
        {
            Grow();
        }
    }

    /// <summary>Reads what is there. What is beyond the bound is read and forgotten: a program must not wait for us.</summary>
    /// <param name="left">Bytes that are still to be given.</param>
    /// <param name="room">Bytes for which the next item has room.</param>
    /// <returns>Whether there was something.</returns>
    internal bool Take(long left, int room)
    {
        if (left <= 0)
        {
            Span<byte> dropped = stackalloc byte[16 * 1024];
            return end.Read(dropped) > 0;
        }

        if (Filled == _bytes.Length)
        {
            Grow();
        }

        var count = end.Read(_bytes.AsSpan(Filled, (int)Math.Min(Math.Min(_bytes.Length - Filled, room), left)));
        Filled += count;
        return count > 0;
    }

    private void Grow()
    {
        if (_bytes.Length < ExecLimits.MaxAnswerBytes)
        {
            var larger = GC.AllocateUninitializedArray<byte>(Math.Min(_bytes.Length * GrowthFactor, ExecLimits.MaxAnswerBytes));
            _bytes.AsSpan(0, Filled).CopyTo(larger);
            _bytes = larger;
        }
    }
}
