using System.Runtime.CompilerServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Hands open descriptors from one process to another over a Unix socket (SCM_RIGHTS).</summary>
public static unsafe class DescriptorPassing
{
    /// <summary>The most descriptors one message carries, the kernel's SCM_MAX_FD.</summary>
    public const int MaxDescriptors = 253;

    /// <summary>Sends bytes and descriptors in one message without waiting. The descriptors stay open here.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <param name="bytes">At least one byte: a stream carries descriptors only along with data.</param>
    /// <param name="descriptors">At most <see cref="MaxDescriptors"/> open descriptors.</param>
    /// <returns>Bytes taken (the descriptors went with the first), or a negated <see cref="Errno"/>; EINVAL for no bytes or too many descriptors.</returns>
    [SkipLocalsInit]
    public static int TrySend(int socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<int> descriptors)
    {
        if (bytes.IsEmpty || descriptors.Length > MaxDescriptors)
        {
            return -Errno.EINVAL;
        }

        int dataBytes = descriptors.Length * sizeof(int);
        byte* control = stackalloc byte[ControlMessages.BufferBytes];
        *(Libc.ControlHeader*)control = new Libc.ControlHeader
        {
            Length = (nuint)(sizeof(Libc.ControlHeader) + dataBytes), Level = Libc.SOL_SOCKET, Type = Libc.SCM_RIGHTS,
        };
        descriptors.CopyTo(new Span<int>(control + sizeof(Libc.ControlHeader), descriptors.Length));
        fixed (byte* start = bytes)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)bytes.Length };
            var message = new Libc.MessageHeader { Vectors = &vector, VectorCount = 1 };
            if (!descriptors.IsEmpty)
            {
                message.Control = control;
                message.ControlLength = (nuint)ControlMessages.Align(sizeof(Libc.ControlHeader) + dataBytes);
            }

            return Libc.Result(Libc.sendmsg(socket, &message, Libc.MSG_DONTWAIT | Libc.MSG_NOSIGNAL));
        }
    }

    /// <summary>Receives bytes and descriptors without waiting. Received descriptors are close-on-exec and owned by the caller; those beyond the span are closed at once.</summary>
    /// <param name="socket">A connected Unix socket.</param>
    /// <param name="buffer">Where the bytes go; must not be empty.</param>
    /// <param name="descriptors">Where the descriptors go; its length is how many are accepted.</param>
    /// <param name="received">How many descriptors were stored.</param>
    /// <param name="surplusClosed">How many more came and were closed.</param>
    /// <returns>Bytes received, 0 at the end, or a negated <see cref="Errno"/>.</returns>
    [SkipLocalsInit]
    public static int TryReceive(int socket, Span<byte> buffer, Span<int> descriptors, out int received, out int surplusClosed)
    {
        received = 0;
        surplusClosed = 0;
        byte* control = stackalloc byte[ControlMessages.BufferBytes];
        fixed (byte* start = buffer)
        {
            var vector = new Libc.IoVector { Base = start, Length = (nuint)buffer.Length };
            var message = new Libc.MessageHeader
            {
                Vectors = &vector, VectorCount = 1, Control = control, ControlLength = ControlMessages.BufferBytes,
            };
            int result = Libc.Result(Libc.recvmsg(socket, &message, Libc.MSG_DONTWAIT | Libc.MSG_CMSG_CLOEXEC));
            if (result >= 0)
            {
                _ = ControlMessages.Collect(message, descriptors, out received, out surplusClosed);
            }

            return result;
        }
    }
}
