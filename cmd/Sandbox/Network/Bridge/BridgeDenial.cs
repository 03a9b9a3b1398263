using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A packet that the kernel refused, as its log tells it. The packet is a program's: nothing in it is believed but its length.</summary>
/// <param name="Index">The sandbox.</param>
/// <param name="Why">What its chain says.</param>
/// <param name="To">Where it was to go; null when the packet is none of IPv4.</param>
/// <param name="Port">The port; 0 for protocols without.</param>
/// <param name="Protocol">The protocol's number.</param>
internal sealed record BridgeDenial(int Index, string Why, IPAddress? To, int Port, int Protocol)
{
    /// <summary>What the chain says that leaves the reason to be found out from the rules.</summary>
    internal const string Denied = "denied";

    /// <summary>How much of a packet is told: an IPv4 head with all its options, and the ports.</summary>
    internal const int Bytes = 64;

    private const int NetfilterHead = 4;
    private const ushort PayloadAttribute = 9;
    private const ushort PrefixAttribute = 10;
    private const int Tcp = 6;
    private const int Udp = 17;

    /// <summary>What it was to reach, for people.</summary>
    internal string Target => To is null ? "-"
        : Protocol is Tcp or Udp ? string.Create(CultureInfo.InvariantCulture, $"{To}:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{To} protocol {Protocol}");

    /// <summary>Reads what the kernel says; null for anything else.</summary>
    /// <param name="content">A message of nfnetlink_log without its head.</param>
    internal static BridgeDenial? Read(ReadOnlySpan<byte> content)
    {
        if (content.Length < NetfilterHead || !NetlinkAttributes.TryFind(content[NetfilterHead..], PrefixAttribute, out var prefix))
        {
            return null;
        }

        var said = Encoding.ASCII.GetString(prefix).TrimEnd('\0').Split(' ');
        if (said.Length != 2 || !int.TryParse(said[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out int index))
        {
            return null;
        }

        _ = NetlinkAttributes.TryFind(content[NetfilterHead..], PayloadAttribute, out var packet);
        return ReadPacket(new BridgeDenial(index, said[1], null, 0, 0), packet);
    }

    private static BridgeDenial ReadPacket(BridgeDenial denial, ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 20 || packet[0] >> 4 != 4)
        {
            return denial;
        }

        int head = (packet[0] & 0xF) * 4;
        int protocol = packet[9];
        bool hasPorts = protocol is Tcp or Udp && head >= 20 && packet.Length >= head + 4;
        return denial with { To = new IPAddress(packet[16..20]), Protocol = protocol, Port = hasPorts ? BinaryPrimitives.ReadUInt16BigEndian(packet[(head + 2)..]) : 0 };
    }
}
