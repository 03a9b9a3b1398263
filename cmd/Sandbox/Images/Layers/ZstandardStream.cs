using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What a stream of Zstandard frames unpacks to.</summary>
internal sealed class ZstandardStream(Stream packed) : ReadOnlyStream
{
    /// <summary>The largest window, 32 MiB: more than any tool takes by itself. What a layer wants beyond that is our memory.</summary>
    internal const int MaxWindowLog = 25;

    private readonly ZstandardDecoder _decoder = new(MaxWindowLog);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _from;
    private int _to;
    private bool _ended;

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_from == _to && !_ended)
            {
                (_from, _to) = (0, packed.Read(_buffer));
                _ended = _to == 0;
            }

            int made = _decoder.Decode(_buffer.AsSpan(_from, _to - _from), buffer, out int taken);
            _from += taken;
            if (made > 0)
            {
                return made;
            }

            if (_ended)
            {
                return _decoder.IsAtEnd ? 0 : throw new InvalidDataException("it ends in the middle of a frame");
            }
        }

        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        _decoder.Dispose();
        base.Dispose(disposing);
    }
}
