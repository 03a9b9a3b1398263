using Strata.Ipc;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>A byte stream cut into frames: however the bytes arrive, the frames are those that a plain reading of the whole gives.</summary>
internal sealed class FrameTarget : FuzzTarget
{
    // Small, so that frames at the limit and past it are not rare.
    private const int MaxFrameBytes = 256;

    internal override string Name => "frame";

    internal override IReadOnlyList<byte[]> Tokens { get; } =
    [
        [0, 0, 0, 0], [0, 0, 0, 1, 0x41], [0, 0, 0, 2, 0x7b, 0x7d], [0, 0, 1, 0], [0, 0, 1, 1], [0, 0, 0, 0xff], [0x7f, 0xff, 0xff, 0xff], [0x80, 0, 0, 0], [0xff, 0xff, 0xff, 0xff], [0, 0, 0], new byte[300],
    ];

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var (whole, end, last) = ReadPlainly(input);
        // Cuts that the bytes themselves decide, so that an input always means the same.
        var cuts = new SeededRandom(((ulong)input.Length << 8) ^ (input.IsEmpty ? 0u : input[^1]));
        var widest = 1 + cuts.Below(input.Length + 1);
        var splitter = new FrameSplitter(MaxFrameBytes);
        var output = new OutputBuffer();
        var (received, frames, at, status) = (0, 0, 0, FrameStatus.Incomplete);
        while (received < input.Length && status != FrameStatus.Impossible)
        {
            var count = Math.Min(1 + cuts.Below(widest), input.Length - received);
            splitter.Append(input.Slice(received, count));
            received += count;
            while ((status = splitter.TryTake(out var payload)) == FrameStatus.Frame)
            {
                Unless(payload.SequenceEqual(input.Slice(at + OutputBuffer.HeaderBytes, payload.Length)), "a frame is not the bytes it was sent as");
                at += OutputBuffer.HeaderBytes + payload.Length;
                frames++;
                Write(output, payload);
            }

            Unless(splitter.HeldBytes == received - at, "bytes were lost or made up");
            splitter.Trim();
        }

        splitter.Release();
        Unless(frames == whole && at == end, "the frames are not those of the whole stream");
        Unless((status == FrameStatus.Impossible) == (last == FrameStatus.Impossible), "the stream ended otherwise than the whole");
        Unless(output.Unsent.Span.SequenceEqual(input[..at]), "frames written again are other bytes");
        output.Release();
        return new Outcome(last != FrameStatus.Impossible, null, (Math.Min(frames, 8) * 4) + (int)last + (received - at == 0 ? 32 * 4 : 0));
    }

    private static (int Frames, int End, FrameStatus Last) ReadPlainly(ReadOnlySpan<byte> stream)
    {
        var (frames, at) = (0, 0);
        while (stream.Length - at >= 4)
        {
            var length = ((long)stream[at] << 24) | ((long)stream[at + 1] << 16) | ((long)stream[at + 2] << 8) | stream[at + 3];
            if (length is 0 or > MaxFrameBytes)
            {
                return (frames, at, FrameStatus.Impossible);
            }

            if (stream.Length - at - 4 < length)
            {
                break;
            }

            at += 4 + (int)length;
            frames++;
        }

        return (frames, at, FrameStatus.Incomplete);
    }

    private static void Write(OutputBuffer output, ReadOnlySpan<byte> payload)
    {
        var mark = output.BeginFrame();
        payload.CopyTo(output.GetSpan(payload.Length));
        output.Advance(payload.Length);
        output.EndFrame(mark);
    }
}
