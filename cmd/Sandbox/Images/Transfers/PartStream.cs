using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The next bytes of a stream, and no more.</summary>
internal sealed class PartStream(Stream whole, long bytes) : ReadOnlyStream
{
    /// <summary>How many were read.</summary>
    internal long Taken { get; private set; }

    public override int Read(Span<byte> buffer)
    {
        int read = whole.Read(buffer[..(int)Math.Min(buffer.Length, bytes - Taken)]);
        Taken += read;
        return read;
    }
}
