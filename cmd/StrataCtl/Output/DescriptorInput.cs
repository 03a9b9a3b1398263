using System.Runtime.InteropServices;
using Strata.Linux;

namespace Strata.StrataCtl.Output;

/// <summary>
/// Reads an inherited descriptor by read(2). The console stream of the runtime edits lines of a terminal itself: it echoes, takes Ctrl-C for its own, and
/// undoes the settings of who shows another terminal in this one.
/// </summary>
internal sealed unsafe partial class DescriptorInput(int descriptor) : ReadOnlyStream
{
    private const int Interrupted = 4;
    private const int WouldBlock = 11;
    private const int HungUp = 5; // EIO, of a terminal that is gone
    private const int NotOpen = 9;

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
                DescriptorPoll.AwaitInput(descriptor);
            }
            else if (error != Interrupted)
            {
                throw new IOException($"cannot read standard input: {Marshal.GetPInvokeErrorMessage(error)}");
            }
        }
    }

    /// <summary>Contract: writes at most <paramref name="count"/> bytes at <paramref name="bytes"/>; returns how many were read, or -1 with errno.</summary>
    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    private static partial nint ReadSome(int descriptor, byte* bytes, nuint count);
}
