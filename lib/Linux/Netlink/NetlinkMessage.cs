using System.Buffers.Binary;
using System.Text;

namespace Strata.Linux;

/// <summary>A message to the kernel over netlink: a head, a body of the kind's own, and attributes, each padded to four bytes.</summary>
public sealed class NetlinkMessage
{
    internal const int HeadBytes = 16;

    private const int AttributeHead = 4;
    private const ushort NestedFlag = 0x8000;
    private readonly List<byte> _bytes = [];

    /// <summary>Begins a message.</summary>
    /// <param name="type">What is asked for, such as RTM_NEWLINK.</param>
    /// <param name="flags">Beyond NLM_F_REQUEST and NLM_F_ACK, such as <see cref="NetlinkModes.Create"/>.</param>
    /// <param name="body">What stands between the head and the attributes.</param>
    public NetlinkMessage(ushort type, NetlinkModes flags, ReadOnlySpan<byte> body)
    {
        _bytes.AddRange(new byte[HeadBytes]);
        (Type, Flags) = (type, flags);
        Append(body);
    }

    internal ushort Type { get; }

    internal NetlinkModes Flags { get; }

    /// <summary>Adds bytes as they are.</summary>
    /// <param name="bytes">The bytes.</param>
    public NetlinkMessage Append(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        Pad();
        return this;
    }

    /// <summary>Adds an attribute.</summary>
    /// <param name="attribute">Its number.</param>
    /// <param name="value">Its value.</param>
    public NetlinkMessage Add(ushort attribute, ReadOnlySpan<byte> value)
    {
        Span<byte> head = stackalloc byte[AttributeHead];
        BinaryPrimitives.WriteUInt16LittleEndian(head, checked((ushort)(AttributeHead + value.Length)));
        BinaryPrimitives.WriteUInt16LittleEndian(head[2..], attribute);
        _bytes.AddRange(head);
        return Append(value);
    }

    /// <summary>Adds a number in the machine's order.</summary>
    /// <param name="attribute">The attribute's number.</param>
    /// <param name="value">Its value.</param>
    public NetlinkMessage Add(ushort attribute, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, value);
        return Add(attribute, bytes);
    }

    /// <summary>Adds a number in the network's order, as most parts of netfilter have theirs.</summary>
    /// <param name="attribute">The attribute's number.</param>
    /// <param name="value">Its value.</param>
    public NetlinkMessage AddNetworkOrder(ushort attribute, uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return Add(attribute, bytes);
    }

    /// <summary>Adds a text that ends with a NUL.</summary>
    /// <param name="attribute">The attribute's number.</param>
    /// <param name="text">Its value.</param>
    public NetlinkMessage AddText(ushort attribute, string text) => Add(attribute, Encoding.UTF8.GetBytes(text + '\0'));

    /// <summary>Adds an attribute that holds others.</summary>
    /// <param name="attribute">Its number.</param>
    /// <param name="fill">Adds what it holds.</param>
    public NetlinkMessage Nest(ushort attribute, Action<NetlinkMessage> fill)
    {
        int at = _bytes.Count;
        _bytes.AddRange(new byte[AttributeHead]);
        fill(this);
        int length = checked((ushort)(_bytes.Count - at));
        (_bytes[at], _bytes[at + 1]) = ((byte)length, (byte)(length >> 8));
        int type = attribute | NestedFlag;
        (_bytes[at + 2], _bytes[at + 3]) = ((byte)type, (byte)(type >> 8));
        return this;
    }

    internal byte[] Finish(uint sequence, NetlinkModes flags)
    {
        byte[] all = [.. _bytes];
        BinaryPrimitives.WriteInt32LittleEndian(all, all.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(4), Type);
        BinaryPrimitives.WriteUInt16LittleEndian(all.AsSpan(6), (ushort)(Flags | flags));
        BinaryPrimitives.WriteUInt32LittleEndian(all.AsSpan(8), sequence);
        return all;
    }

    private void Pad()
    {
        while (_bytes.Count % 4 != 0)
        {
            _bytes.Add(0);
        }
    }
}
