using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Strata.Ipc;

/// <summary>Who listens at the other end of a connection, as the kernel noted when it began to.</summary>
internal static class SocketOwner
{
    private const int SolSocket = 1;
    private const int SoPeerCred = 17;

    /// <summary>The user id (SO_PEERCRED).</summary>
    internal static uint Of(Socket connected)
    {
        Span<byte> credentials = stackalloc byte[3 * sizeof(int)]; // struct ucred: pid, uid, gid.
        _ = connected.GetRawSocketOption(SolSocket, SoPeerCred, credentials);
        return MemoryMarshal.Read<uint>(credentials[sizeof(int)..]);
    }
}
