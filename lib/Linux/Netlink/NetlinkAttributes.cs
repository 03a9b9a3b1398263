using System.Buffers.Binary;

namespace Strata.Linux;

/// <summary>Reads the attributes of what the kernel said over netlink. Pure; what is cut off is not there.</summary>
public static class NetlinkAttributes
{
    private const int AttributeHead = 4;
    private const int TypeMask = 0x3FFF;

    /// <summary>Finds an attribute.</summary>
    /// <param name="attributes">All of them, one behind the other.</param>
    /// <param name="attribute">Its number.</param>
    /// <param name="value">Its value.</param>
    public static bool TryFind(ReadOnlySpan<byte> attributes, ushort attribute, out ReadOnlySpan<byte> value)
    {
        while (attributes.Length >= AttributeHead)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
            int type = BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) & TypeMask;
            if (length < AttributeHead || length > attributes.Length)
            {
                break;
            }

            if (type == attribute)
            {
                value = attributes[AttributeHead..length];
                return true;
            }

            attributes = attributes[Math.Min(attributes.Length, (length + 3) & ~3)..];
        }

        value = default;
        return false;
    }
}
