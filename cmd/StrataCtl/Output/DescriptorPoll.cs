using System.Runtime.InteropServices;

namespace Strata.StrataCtl.Output;

/// <summary>Waits for an inherited descriptor that whoever shares it has made non-blocking, as a blocking one would.</summary>
internal static unsafe partial class DescriptorPoll
{
    private const short PollIn = 1;
    private const short PollOut = 4;

    /// <summary>Waits until there is something to read, or the end.</summary>
    public static void AwaitInput(int descriptor) => Await(descriptor, PollIn);

    /// <summary>Waits until it takes more, or nobody reads it any more.</summary>
    public static void AwaitRoom(int descriptor) => Await(descriptor, PollOut);

    private static void Await(int descriptor, short wanted)
    {
        var entry = new PollEntry { Descriptor = descriptor, Wanted = wanted };
        _ = Poll(&entry, 1, -1);
    }

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
