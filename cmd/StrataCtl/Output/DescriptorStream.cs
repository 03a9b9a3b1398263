using System.Runtime.InteropServices;
using Strata.Linux;

namespace Strata.StrataCtl.Output;

/// <summary>
/// Writes to an inherited descriptor by write(2). The console stream of the runtime hides a closed pipe, so that
/// a command in front of <c>head</c> would work on for nobody; a file stream keeps its own offset, so that two programs
/// writing to one redirected file would overwrite each other.
/// </summary>
internal sealed unsafe partial class DescriptorStream(int descriptor) : WriteOnlyStream
{
    private const int Interrupted = 4;
    private const int WouldBlock = 11;
    private const int BrokenPipe = 32;

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            nint written;
            fixed (byte* bytes = buffer)
            {
                written = WriteSome(descriptor, bytes, (nuint)buffer.Length);
            }

            if (written < 0)
            {
                AwaitRoom(Marshal.GetLastPInvokeError());
                continue;
            }

            buffer = buffer[(int)written..];
        }
    }

    private void AwaitRoom(int error)
    {
        switch (error)
        {
            case Interrupted:
                return;
            case WouldBlock:
                DescriptorPoll.AwaitRoom(descriptor);
                return;
            case BrokenPipe:
                throw new BrokenPipeException();
            default:
                throw new IOException($"cannot write to standard output: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Contract: reads at most <paramref name="count"/> bytes at <paramref name="bytes"/>; returns how many were written, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    private static partial nint WriteSome(int descriptor, byte* bytes, nuint count);
}
