using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <content>What a script does with sockets.</content>
public sealed partial class CallScript
{
    private const int PassedBytes = 16 + sizeof(int);
    private const int PassedSpace = 24;

    /// <summary>Makes a socket. It belongs for ever to the network namespace that the process is in now, whoever has it later.</summary>
    /// <param name="free">The lowest number that is free in the process: the socket's.</param>
    /// <param name="family">Its address family.</param>
    /// <param name="type">Its type.</param>
    /// <param name="protocol">Its protocol.</param>
    public void MakeSocket(int free, int family, int type, int protocol) => Add("socket", CallNumbers.Socket, (free, free), family, type | Libc.SOCK_CLOEXEC, protocol);

    /// <summary>Sends a byte and a descriptor, as <see cref="DescriptorPassing"/> does.</summary>
    /// <param name="socket">The number of a connected Unix socket.</param>
    /// <param name="descriptor">What is passed.</param>
    public void Pass(int socket, int descriptor)
    {
        long vector = Bytes(MemoryMarshal.AsBytes<long>([Room, 1]));
        // A record's head: its length, the level and kind, and the one number.
        long control = Bytes(MemoryMarshal.AsBytes<long>([PassedBytes, ((long)Libc.SCM_RIGHTS << 32) | Libc.SOL_SOCKET, descriptor]));
        long message = Bytes(MemoryMarshal.AsBytes<long>([0, 0, vector, 1, control, PassedSpace, 0]));
        Add("sendmsg", CallNumbers.SendMessage, (1, 1), socket, message, Libc.MSG_NOSIGNAL);
    }

    /// <summary>Ends the process; for a script without a program.</summary>
    public void End() => Add("exit_group", CallNumbers.EndProcess);
}
