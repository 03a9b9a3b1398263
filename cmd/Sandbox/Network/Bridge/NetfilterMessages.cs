using System.Buffers.Binary;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What is asked of the packet filters directly: counters, whether a table is there, and to be told of what was refused.</summary>
internal static class NetfilterMessages
{
    /// <summary>The group that is told of changes of tables.</summary>
    internal const int ChangesGroup = 7;

    /// <summary>A packet of the log.</summary>
    internal const ushort LoggedPacket = LogSystem << 8;

    /// <summary>A table is gone.</summary>
    internal const ushort TableGone = (TablesSystem << 8) | 2;

    private const int LogSystem = 4;
    private const int TablesSystem = 10;
    private const ushort LogConfiguration = (LogSystem << 8) | 1;
    private const ushort GetTable = (TablesSystem << 8) | 1;
    private const ushort GetObject = (TablesSystem << 8) | 19;
    private const ushort TableName = 1;
    private const ushort ObjectTable = 1;
    private const ushort ObjectName = 2;
    private const ushort ObjectType = 3;
    private const ushort ObjectData = 4;
    private const uint CounterType = 1;
    private const ushort LogCommand = 1;
    private const ushort LogMode = 2;
    private const ushort LogThreshold = 5;
    private const byte Bind = 1;
    private const byte CopyPacket = 2;
    private const byte Inet = 1;
    private const int HeadBytes = 4;

    /// <summary>Has a socket told of the packets of a log group, each at once.</summary>
    /// <returns>0, or a negated <see cref="Errno"/>: EBUSY when somebody else is.</returns>
    internal static int TryFollowLog(NetlinkSocket socket, int group)
    {
        NetlinkMessage Configure() => new(LogConfiguration, NetlinkModes.None, Head(0, group));
        int bound = socket.Try(Configure().Add(LogCommand, [Bind]));
        return bound < 0 ? bound : socket.Try(Configure().Add(LogMode, [0, 0, 0, BridgeDenial.Bytes, CopyPacket, 0]).AddNetworkOrder(LogThreshold, 1));
    }

    /// <summary>Whether a table is there.</summary>
    internal static bool HasTable(NetlinkSocket socket, string table) =>
        socket.TryAsk(new NetlinkMessage(GetTable, NetlinkModes.None, Head(Inet, 0)).AddText(TableName, table), out _) == 0;

    /// <summary>Whether a message that something is gone speaks of a table.</summary>
    internal static bool Names(ReadOnlySpan<byte> content, string table) =>
        content.Length >= HeadBytes && NetlinkAttributes.TryFind(content[HeadBytes..], TableName, out var name) && System.Text.Encoding.ASCII.GetString(name).TrimEnd('\0') == table;

    /// <summary>Reads a counter; zeroes when it is gone.</summary>
    internal static (long Bytes, long Packets) ReadCounter(NetlinkSocket socket, string table, string counter)
    {
        var question = new NetlinkMessage(GetObject, NetlinkModes.None, Head(Inet, 0)).AddText(ObjectTable, table).AddText(ObjectName, counter).AddNetworkOrder(ObjectType, CounterType);
        if (socket.TryAsk(question, out byte[] answer) < 0 || answer.Length < HeadBytes || !NetlinkAttributes.TryFind(answer.AsSpan(HeadBytes), ObjectData, out var data))
        {
            return default;
        }

        return (Number(data, 1), Number(data, 2));
    }

    private static long Number(ReadOnlySpan<byte> data, ushort attribute) =>
        NetlinkAttributes.TryFind(data, attribute, out var value) && value.Length == sizeof(long) ? BinaryPrimitives.ReadInt64BigEndian(value) : 0;

    private static byte[] Head(byte family, int resource) => [family, 0, (byte)(resource >> 8), (byte)resource];
}
