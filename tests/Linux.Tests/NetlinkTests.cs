using System.Buffers.Binary;

namespace Strata.Linux.Tests;

public sealed class NetlinkTests
{
    private const ushort GetLink = 18;
    private const ushort LinkName = 3;

    [Fact]
    public void The_kernel_tells_of_a_device_and_says_why_not()
    {
        using var socket = NetlinkSocket.Open(NetlinkSocket.Routes);
        Assert.Equal(0, socket.TryAsk(new NetlinkMessage(GetLink, NetlinkModes.None, new byte[16]).AddText(LinkName, "lo"), out byte[] answer));
        Assert.Equal(1, BinaryPrimitives.ReadInt32LittleEndian(answer.AsSpan(4)));
        Assert.True(NetlinkAttributes.TryFind(answer.AsSpan(16), LinkName, out var name));
        Assert.Equal("lo\0"u8.ToArray(), name.ToArray());
        Assert.Equal(-Errno.ENODEV, socket.TryAsk(new NetlinkMessage(GetLink, NetlinkModes.None, new byte[16]).AddText(LinkName, "no-such"), out answer));
        Assert.Empty(answer);
    }

    [Fact]
    public void What_an_attribute_holds_is_found_again_and_what_is_cut_off_is_not_there()
    {
        byte[] all = new NetlinkMessage(1, NetlinkModes.Create, []).Add(1, [7]).Nest(2, held => held.Add(3, 9u).AddNetworkOrder(4, 9u)).AddText(5, "text").Finish(1, NetlinkModes.Request);
        var attributes = all.AsSpan(16);
        Assert.Equal(all.Length, BinaryPrimitives.ReadInt32LittleEndian(all));
        Assert.Equal(0x401, BinaryPrimitives.ReadUInt16LittleEndian(all.AsSpan(6)));
        Assert.True(NetlinkAttributes.TryFind(attributes, 1, out var value));
        Assert.Equal([7], value.ToArray());
        Assert.True(NetlinkAttributes.TryFind(attributes, 2, out var held));
        Assert.True(NetlinkAttributes.TryFind(held, 3, out value));
        Assert.Equal([9, 0, 0, 0], value.ToArray());
        Assert.True(NetlinkAttributes.TryFind(held, 4, out value));
        Assert.Equal([0, 0, 0, 9], value.ToArray());
        Assert.True(NetlinkAttributes.TryFind(attributes, 5, out value));
        Assert.Equal("text\0"u8.ToArray(), value.ToArray());
        Assert.False(NetlinkAttributes.TryFind(attributes, 6, out _));
        for (int length = 0; length < attributes.Length - 3; length++)
        {
            Assert.False(NetlinkAttributes.TryFind(attributes[..length], 5, out _));
        }

        var random = new Random(3);
        byte[] noise = new byte[64];
        for (int i = 0; i < 20_000; i++)
        {
            random.NextBytes(noise);
            _ = NetlinkAttributes.TryFind(noise.AsSpan(0, random.Next(64)), 1, out _);
            ReadOnlySpan<byte> received = noise.AsSpan(0, random.Next(64));
            while (NetlinkSocket.TryTake(ref received, out _, out _))
            {
            }
        }
    }
}
