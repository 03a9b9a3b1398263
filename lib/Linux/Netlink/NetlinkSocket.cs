using System.Buffers.Binary;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// A netlink socket: what the kernel is asked and tells about devices, addresses and packet filters of one network namespace, that in which the socket was
/// made. For one thread at a time.
/// </summary>
public sealed unsafe class NetlinkSocket : IDisposable
{
    /// <summary>The family of such sockets.</summary>
    public const int Family = 16;

    /// <summary>Devices, addresses, routes.</summary>
    public const int Routes = 0;

    /// <summary>Packet filters.</summary>
    public const int Netfilter = 12;

    private const uint NamespaceRequest = 0x894C;
    private const int RawType = 3;
    private const int SolNetlink = 270;
    private const int AddMembership = 1;
    private const int NoDetails = 10; // NETLINK_CAP_ACK: an acknowledgement does not repeat the question.
    private const int MaxBytes = 65536;
    private const int ErrorType = 2;
    private const int DoneType = 3;
    private readonly byte[] _buffer = new byte[MaxBytes];
    private uint _sequence;

    /// <summary>Takes a socket that was made in another namespace.</summary>
    /// <param name="handle">Owned from here on.</param>
    public NetlinkSocket(FileDescriptor handle)
    {
        Handle = handle;
        int on = 1;
        _ = Libc.setsockopt(handle.Number, SolNetlink, NoDetails, &on, sizeof(int));
    }

    /// <summary>The descriptor.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>Makes one in the caller's own namespace.</summary>
    /// <param name="protocol"><see cref="Routes"/> or <see cref="Netfilter"/>.</param>
    /// <exception cref="LinuxException">There is no such thing here.</exception>
    public static NetlinkSocket Open(int protocol) =>
        new(new FileDescriptor(LinuxException.Check(Libc.Result(Libc.socket(Family, RawType | Libc.SOCK_CLOEXEC, protocol)), "socket(AF_NETLINK)")));

    /// <summary>The namespace that it was made in, which only somebody who administers that is given.</summary>
    /// <exception cref="LinuxException">EPERM, for anybody else.</exception>
    public FileDescriptor OpenNamespace() => new(LinuxException.Check(Libc.Result(Libc.ioctl(Handle.Number, NamespaceRequest, 0)), "ioctl(SIOCGSKNS)"));

    /// <summary>Has something done.</summary>
    /// <param name="message">What.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public int Try(NetlinkMessage message) => Exchange(message, NetlinkModes.Acknowledge, out _);

    /// <summary>Has something done.</summary>
    /// <param name="message">What.</param>
    /// <param name="what">What it is, for people.</param>
    /// <param name="subject">What it is done to.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    public void Do(NetlinkMessage message, string what, string? subject = null) => LinuxException.Check(Try(message), what, subject);

    /// <summary>Asks for one thing.</summary>
    /// <param name="message">The question.</param>
    /// <param name="answer">Body and attributes of the answer; empty without one.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    public int TryAsk(NetlinkMessage message, out byte[] answer) => Exchange(message, NetlinkModes.None, out answer);

    /// <summary>Has several things done, all of them or none, as the packet filters do it.</summary>
    /// <param name="begin">Says that several come.</param>
    /// <param name="messages">What.</param>
    /// <param name="end">Says that these were all.</param>
    /// <returns>0, or the negated <see cref="Errno"/> of the first that was refused.</returns>
    public int TryBatch(NetlinkMessage begin, IReadOnlyList<NetlinkMessage> messages, NetlinkMessage end)
    {
        uint first = _sequence + 1;
        byte[] bytes =
        [
            .. begin.Finish(++_sequence, NetlinkModes.Request), .. messages.SelectMany(message => message.Finish(++_sequence, NetlinkModes.Request | NetlinkModes.Acknowledge)),
            .. end.Finish(++_sequence, NetlinkModes.Request),
        ];
        int result = Send(bytes);
        for (int left = messages.Count; result == 0 && left > 0;)
        {
            int count = Receive();
            result = count is < 0 and not -Errno.EINTR ? count : 0;
            ReadOnlySpan<byte> received = _buffer.AsSpan(0, Math.Max(0, count));
            while (received.Length >= NetlinkMessage.HeadBytes)
            {
                bool ours = BinaryPrimitives.ReadUInt32LittleEndian(received[8..]) - first < _sequence - first;
                if (!TryTake(ref received, out ushort type, out var content))
                {
                    break;
                }

                left -= ours && type == ErrorType ? 1 : 0;
                result = result == 0 && ours && type == ErrorType ? ResultOf(content) : result;
            }
        }

        return result;
    }

    /// <summary>Is told from now on what the members of a group are told.</summary>
    /// <param name="group">The group's number.</param>
    /// <exception cref="LinuxException">It may not be.</exception>
    public void Join(int group) => LinuxException.Check(Libc.Result(Libc.setsockopt(Handle.Number, SolNetlink, AddMembership, &group, sizeof(int))), "setsockopt(NETLINK_ADD_MEMBERSHIP)");

    /// <summary>Takes what has come, without waiting: one or several messages, each behind the other.</summary>
    /// <param name="buffer">Where it goes.</param>
    /// <returns>How many bytes, or a negated <see cref="Errno"/>: EAGAIN for nothing, ENOBUFS when something was missed.</returns>
    public int TryReceive(Span<byte> buffer)
    {
        fixed (byte* start = buffer)
        {
            return Libc.Result(Libc.recv(Handle.Number, start, (nuint)buffer.Length, Libc.MSG_DONTWAIT));
        }
    }

    /// <summary>Takes the first message off what was received.</summary>
    /// <param name="received">What was received; afterwards what is left of it.</param>
    /// <param name="type">The message's type.</param>
    /// <param name="content">What stands behind its head.</param>
    public static bool TryTake(ref ReadOnlySpan<byte> received, out ushort type, out ReadOnlySpan<byte> content)
    {
        type = 0;
        content = default;
        if (received.Length < NetlinkMessage.HeadBytes)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(received);
        if (length < NetlinkMessage.HeadBytes || length > received.Length)
        {
            return false;
        }

        type = BinaryPrimitives.ReadUInt16LittleEndian(received[4..]);
        content = received[NetlinkMessage.HeadBytes..length];
        received = received[Math.Min(received.Length, (length + 3) & ~3)..];
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Handle.Dispose();

    private int Exchange(NetlinkMessage message, NetlinkModes flags, out byte[] answer)
    {
        answer = [];
        int sent = Send(message.Finish(++_sequence, NetlinkModes.Request | flags));
        if (sent < 0)
        {
            return sent;
        }

        // The kernel answers before it takes the next question; what another question left is passed over.
        while (true)
        {
            int count = Receive();
            if (count is -Errno.EINTR)
            {
                continue;
            }

            if (count < 0)
            {
                return count;
            }

            if (TryAnswer(_buffer.AsSpan(0, count), out int result, ref answer))
            {
                return result;
            }
        }
    }

    private bool TryAnswer(ReadOnlySpan<byte> received, out int result, ref byte[] answer)
    {
        result = 0;
        while (received.Length >= NetlinkMessage.HeadBytes)
        {
            uint sequence = BinaryPrimitives.ReadUInt32LittleEndian(received[8..]);
            if (!TryTake(ref received, out ushort type, out var content))
            {
                return false;
            }

            if (sequence == _sequence)
            {
                if (type == ErrorType)
                {
                    result = ResultOf(content);
                }
                else if (type != DoneType)
                {
                    answer = content.ToArray();
                }

                return true;
            }
        }

        return false;
    }

    private static int ResultOf(ReadOnlySpan<byte> content) => content.Length >= sizeof(int) ? BinaryPrimitives.ReadInt32LittleEndian(content) : -Errno.EIO;

    private int Send(byte[] bytes)
    {
        fixed (byte* start = bytes)
        {
            return Math.Min(0, Libc.Result(Libc.send(Handle.Number, start, (nuint)bytes.Length, 0)));
        }
    }

    private int Receive()
    {
        fixed (byte* start = _buffer)
        {
            return Libc.Result(Libc.recv(Handle.Number, start, MaxBytes, 0));
        }
    }
}
