using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace Strata.Sandbox;

/// <summary>The messages of SOCKS 5 (RFC 1928, RFC 1929). Pure: each reads what is there and says how much of it that was, or that it is not whole.</summary>
internal static class SocksMessage
{
    /// <summary>Most bytes of any of them.</summary>
    internal const int MaxBytes = 2 + 255 + 1 + 255;

    private const byte Version = 5;
    private const byte Connect = 1;

    /// <summary>What comes first: ways to say who one is. Nobody is asked, but who insists may say it.</summary>
    /// <returns>Its length and the answer's second byte: 0, 2 for name and password, 255 for no common way; null while it is not whole.</returns>
    /// <exception cref="NetworkFault">It is none.</exception>
    internal static (int Length, byte Method)? ReadGreeting(ReadOnlySpan<byte> bytes)
    {
        CheckFirst(bytes, Version);
        if (bytes.Length < 2 || bytes.Length < 2 + bytes[1])
        {
            return null;
        }

        var methods = bytes.Slice(2, bytes[1]);
        return (2 + bytes[1], methods.Contains((byte)0) ? (byte)0 : methods.Contains((byte)2) ? (byte)2 : byte.MaxValue);
    }

    /// <summary>The length of a name and password, which are not looked at.</summary>
    internal static int? ReadPassword(ReadOnlySpan<byte> bytes)
    {
        CheckFirst(bytes, 1);
        return bytes.Length < 2 || bytes.Length < 3 + bytes[1] || bytes.Length < 3 + bytes[1] + bytes[2 + bytes[1]] ? null : 3 + bytes[1] + bytes[2 + bytes[1]];
    }

    /// <summary>Where to.</summary>
    internal static (int Length, Destination To)? ReadRequest(ReadOnlySpan<byte> bytes)
    {
        CheckFirst(bytes, Version);
        if (bytes.Length < 5)
        {
            return null;
        }

        if (bytes[1] != Connect)
        {
            throw new SocksFault(SocksFault.CommandUnknown, "of SOCKS there is CONNECT alone: no BIND, no UDP");
        }

        var (start, length) = bytes[3] switch
        {
            1 => (4, 4),
            3 => (5, bytes[4]),
            4 => (4, 16),
            _ => throw new SocksFault(SocksFault.AddressUnknown, "a SOCKS address must be of kind 1, 3 or 4"),
        };
        if (bytes.Length < start + length + 2)
        {
            return null;
        }

        var host = bytes.Slice(start, length);
        var port = BinaryPrimitives.ReadUInt16BigEndian(bytes[(start + length)..]);
        return (start + length + 2, bytes[3] == 3 ? Destination.Of(NameOf(host), port) : Destination.Of(new IPAddress(host), port));
    }

    /// <summary>An answer to a request; nobody needs to know which address was taken.</summary>
    internal static byte[] Answer(byte status) => [Version, status, 0, 1, 0, 0, 0, 0, 0, 0];

    /// <summary>What a fault is called.</summary>
    internal static byte StatusOf(NetworkFault fault) => fault switch
    {
        SocksFault socks => socks.Status,
        { Kind: NetworkFaultKind.Denied } => 2,
        { Kind: NetworkFaultKind.Unreachable } => 4,
        { Kind: NetworkFaultKind.TimedOut } => 6,
        _ => 1,
    };

    private static string NameOf(ReadOnlySpan<byte> host)
    {
        var text = Encoding.UTF8.GetString(host);
        // Some write an IPv6 address here, without brackets.
        return text.Contains(':', StringComparison.Ordinal) && !text.StartsWith('[') ? $"[{text}]" : text;
    }

    private static void CheckFirst(ReadOnlySpan<byte> bytes, byte first)
    {
        if (bytes.Length > 0 && bytes[0] != first)
        {
            throw Destination.Malformed("this port speaks SOCKS 5 alone; for HTTP there is another one, see HTTP_PROXY");
        }
    }
}
