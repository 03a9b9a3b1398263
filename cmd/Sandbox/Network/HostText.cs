using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>
/// Brings the spellings of a host to one. What programs read differently (127.1, 0x7f000001, 010.0.0.1, a zone) is refused, so that nobody decides on
/// one host and connects to another. Pure.
/// </summary>
internal static class HostText
{
    /// <summary>Longest name, in bytes.</summary>
    internal const int MaxNameBytes = 253;

    private const int MaxLabelBytes = 63;
    private static readonly SearchValues<char> LabelChars = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_");
    private static readonly IdnMapping Mapping = new() { UseStd3AsciiRules = false };

    /// <summary>A name or an address.</summary>
    /// <exception cref="NetworkFault">It is neither.</exception>
    internal static (string? Name, IPAddress? Address) Parse(string host)
    {
        if (host is ['[', .. var inner, ']'])
        {
            return (null, ParseV6(inner));
        }

        var name = ToAscii(host);
        name = name.EndsWith('.') ? name[..^1] : name;
        if (!IsName(name))
        {
            throw Destination.Malformed("a host must be a name of letters, digits, '-', '_' and dots, an IPv4 address, or an IPv6 address in brackets");
        }

        return EndsInNumber(name) ? (null, ParseV4(name)) : (name, null);
    }

    /// <summary>An IPv4 address that is written as an IPv6 one is that IPv4 address.</summary>
    internal static IPAddress Plain(IPAddress address) => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;

    private static string ToAscii(string host)
    {
        if (host.Length > MaxNameBytes + 1)
        {
            throw Destination.Malformed(string.Create(CultureInfo.InvariantCulture, $"a host must have at most {MaxNameBytes} bytes"));
        }

        try
        {
            return (System.Text.Ascii.IsValid(host) ? host : Mapping.GetAscii(host.ToLowerInvariant())).ToLowerInvariant();
        }
        catch (ArgumentException)
        {
            throw Destination.Malformed("a host of other than ASCII letters must be an internationalized domain name");
        }
    }

    private static bool IsName(string name)
    {
        if (name.Length is 0 or > MaxNameBytes)
        {
            return false;
        }

        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan(range);
            if (label.Length is 0 or > MaxLabelBytes || label[0] == '-' || label[^1] == '-' || label.ContainsAnyExcept(LabelChars))
            {
                return false;
            }
        }

        return true;
    }

    // The rule of browsers: whose last label is a number is an IPv4 address, or nothing.
    private static bool EndsInNumber(string name)
    {
        var last = name.AsSpan(name.LastIndexOf('.') + 1);
        return !last.ContainsAnyExceptInRange('0', '9') || (last.StartsWith("0x") && last[2..].IndexOfAnyExcept(SearchValues.Create("0123456789abcdef")) < 0);
    }

    private static IPAddress ParseV4(string text)
    {
        var parts = text.Split('.');
        var bytes = new byte[4];
        for (var i = 0; i < bytes.Length; i++)
        {
            if (parts.Length != bytes.Length || parts[i] is ['0', _, ..] || !byte.TryParse(parts[i], NumberStyles.None, CultureInfo.InvariantCulture, out bytes[i]))
            {
                throw Destination.Malformed("an IPv4 address must be four decimal numbers without leading zeros, as in 192.0.2.1");
            }
        }

        return new IPAddress(bytes);
    }

    private static IPAddress ParseV6(string text) =>
        !text.AsSpan().ContainsAnyExcept(SearchValues.Create("0123456789abcdefABCDEF:.")) && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
            ? Plain(address)
            : throw Destination.Malformed("between brackets there must be an IPv6 address without a zone");
}
