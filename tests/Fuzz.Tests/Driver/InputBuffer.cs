namespace Strata.Fuzz.Tests;

/// <summary>An input while it is changed: bytes in place, up to a bound; what would go beyond it is cut off.</summary>
internal sealed class InputBuffer(int maxBytes)
{
    private readonly byte[] _bytes = new byte[maxBytes];
    private readonly byte[] _moved = new byte[maxBytes];

    internal int Length { get; private set; }

    internal Span<byte> Span => _bytes.AsSpan(0, Length);

    internal void Set(ReadOnlySpan<byte> bytes)
    {
        Length = Math.Min(bytes.Length, maxBytes);
        bytes[..Length].CopyTo(_bytes);
    }

    internal void Cut(int length) => Length = Math.Min(Length, length);

    /// <summary>Puts other bytes in the place of some; they may be this buffer's own.</summary>
    internal void Replace(int at, int count, ReadOnlySpan<byte> with)
    {
        var tail = Span[(at + count)..];
        var inserted = Math.Min(with.Length, maxBytes - at);
        var kept = Math.Min(tail.Length, maxBytes - at - inserted);
        with[..inserted].CopyTo(_moved);
        tail[..kept].CopyTo(_moved.AsSpan(inserted));
        _moved.AsSpan(0, inserted + kept).CopyTo(_bytes.AsSpan(at));
        Length = at + inserted + kept;
    }
}
