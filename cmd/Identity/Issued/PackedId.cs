using System.Globalization;
using System.Numerics;

namespace Strata.Identity;

/// <summary>A capability id of 32 hex digits, as this node makes them, in 16 bytes. The default value is no id.</summary>
internal readonly record struct PackedId(ulong High, ulong Low)
{
    private const int Digits = 32;

    internal bool IsNone => (High | Low) == 0;

    /// <summary>Packs an id; none for null and for ids of another length, which this node never made.</summary>
    internal static PackedId Of(string? id) =>
        id is { Length: Digits }
        && ulong.TryParse(id.AsSpan(0, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var high)
        && ulong.TryParse(id.AsSpan(16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var low)
            ? new PackedId(high, low)
            : default;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");

    /// <summary>Where a search in a table of a power of two begins. All bits count: ids that follow each other must not form one long row.</summary>
    internal int Slot(int mask)
    {
        var mixed = (High ^ BitOperations.RotateLeft(Low, 29)) * 0x9E3779B97F4A7C15;
        return (int)(mixed >> 33) & mask;
    }
}
