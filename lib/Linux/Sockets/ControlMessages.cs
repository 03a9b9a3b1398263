using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Walks the control messages that came with a received message.</summary>
internal static unsafe class ControlMessages
{
    /// <summary>Room for the most descriptors the kernel sends and for credentials, so that nothing is ever cut off.</summary>
    internal const int BufferBytes = 16 + (DescriptorPassing.MaxDescriptors * 4) + 4 + 16 + 16;

    internal static int Align(int bytes) => (bytes + 7) & ~7;

    /// <summary>Stores descriptors while there is room, closes the others (they are ours already), and answers the sender's credentials if they came.</summary>
    internal static PeerCredentials? Collect(in Libc.MessageHeader message, Span<int> descriptors, out int received, out int surplusClosed)
    {
        PeerCredentials? sender = null;
        received = 0;
        surplusClosed = 0;
        long offset = 0;
        while (offset + sizeof(Libc.ControlHeader) <= (long)message.ControlLength)
        {
            var header = (Libc.ControlHeader*)(message.Control + offset);
            long length = (long)header->Length;
            if (length < sizeof(Libc.ControlHeader) || offset + length > (long)message.ControlLength)
            {
                break;
            }

            int* data = (int*)(header + 1);
            int count = (int)(length - sizeof(Libc.ControlHeader)) / sizeof(int);
            if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_RIGHTS)
            {
                Store(data, count, descriptors, ref received, ref surplusClosed);
            }
            else if (header->Level == Libc.SOL_SOCKET && header->Type == Libc.SCM_CREDENTIALS && count == 3)
            {
                sender = new PeerCredentials(data[0], (uint)data[1], (uint)data[2]);
            }

            offset += Align((int)length);
        }

        return sender;
    }

    private static void Store(int* data, int count, Span<int> descriptors, ref int received, ref int surplusClosed)
    {
        for (int i = 0; i < count; i++)
        {
            if (received < descriptors.Length)
            {
                descriptors[received++] = data[i];
            }
            else
            {
                _ = Libc.close(data[i]);
                surplusClosed++;
            }
        }
    }
}
