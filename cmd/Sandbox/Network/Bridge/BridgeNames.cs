using System.Globalization;

namespace Strata.Sandbox;

/// <summary>What a node's bridges are called in the kernel, so that the next process of the service finds what an earlier one left. Pure.</summary>
/// <param name="Node">Eight hexadecimal digits that no other node of this host has.</param>
internal sealed record BridgeNames(string Node)
{
    /// <summary>How the devices of every node begin.</summary>
    internal const string Prefix = "stb";

    /// <summary>What the device is called inside.</summary>
    internal const string Inside = "eth0";

    private const int NodeDigits = 8;

    /// <summary>The table of packet filters.</summary>
    internal string Table => "strata_" + Node;

    /// <summary>The table that stands behind it.</summary>
    internal string Guard => "strata_guard_" + Node;

    /// <summary>How the devices of this node begin.</summary>
    internal string Devices => Prefix + Node;

    /// <summary>A sandbox's device on the host: as long as such a name can be.</summary>
    internal string Device(int index) => string.Create(CultureInfo.InvariantCulture, $"{Devices}{index:x4}");

    /// <summary>Whether a text is a node's mark.</summary>
    internal static bool IsNode(string text) => text.Length == NodeDigits && text.All(char.IsAsciiHexDigitLower);
}
