using System.Runtime.InteropServices;

namespace Strata.StrataCtl.Output;

/// <summary>
/// Reads an inherited descriptor by read(2). The console stream of the runtime edits lines of a terminal itself: it echoes, takes Ctrl-C for its own, and
/// undoes the settings of who shows another terminal in this one.
/// </summary>
internal sealed unsafe partial class DescriptorInput(int descriptor) : Stream
{
    private const int Interrupted = 4;
    private const int WouldBlock = 11;
    private const int HungUp = 5; // EIO, of a terminal that is gone
    private const int NotOpen = 9;
    private const short PollIn = 1;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            nint count;
            fixed (byte* bytes = buffer)
            {
                count = ReadSome(descriptor, bytes, (nuint)buffer.Length);
            }

            if (count >= 0)
            {
                return (int)count;
            }

            var error = Marshal.GetLastPInvokeError();
            if (error is HungUp or NotOpen)
            {
                return 0;
            }

            if (error == WouldBlock)
            {
                // Whoever shares the descriptor has made it non-blocking; wait as a blocking one would.
                var entry = new PollEntry { Descriptor = descriptor, Wanted = PollIn };
                _ = Poll(&entry, 1, -1);
            }
            else if (error != Interrupted)
            {
                throw new IOException($"cannot read standard input: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Contract: writes at most <paramref name="count"/> bytes at <paramref name="bytes"/>; returns how many were read, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadSome(int descriptor, byte* bytes, nuint count);

    /// <summary>Contract: writes only the <c>revents</c> of the <paramref name="count"/> entries; -1 waits without a limit.</summary>
    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    private static partial int Poll(PollEntry* entries, nuint count, int timeoutMs);

    [StructLayout(LayoutKind.Sequential)]
    private struct PollEntry
    {
        public int Descriptor;
        public short Wanted;
        public short Got;
    }
}
