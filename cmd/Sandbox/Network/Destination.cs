using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Strata.Sandbox;

/// <summary>Where somebody inside wants to go: a name in its one spelling, or an address, and a port.</summary>
/// <param name="Name">In lower case, without a closing dot, in ASCII; null for an address.</param>
/// <param name="Address">Null for a name. Never an IPv4 address within an IPv6 one.</param>
/// <param name="Port">1 to 65535.</param>
internal sealed record Destination(string? Name, IPAddress? Address, int Port)
{
    /// <summary>The name or address, as it stands in a URL.</summary>
    internal string Host => Name ?? (Address!.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{Address}]" : Address.ToString());

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Reads HOST or HOST:PORT.</summary>
    /// <param name="text">The text; an IPv6 address stands in brackets.</param>
    /// <param name="defaultPort">The port when none is said; null when one must be.</param>
    /// <exception cref="NetworkFault">It is neither.</exception>
    internal static Destination Parse(string text, int? defaultPort)
    {
        var end = text.StartsWith('[') ? text.IndexOf(']', StringComparison.Ordinal) + 1 : text.IndexOf(':', StringComparison.Ordinal);
        var (host, rest) = end > 0 ? (text[..end], text[end..]) : (text, "");
        int port;
        if (rest.Length == 0 && defaultPort is { } given)
        {
            port = given;
        }
        else if (rest is not [':', .. { Length: > 0 and <= 5 } digits] || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            throw Malformed("a destination must be HOST:PORT, with an IPv6 address in brackets and nothing else");
        }

        return Of(host, port);
    }

    /// <summary>A host of any spelling.</summary>
    /// <exception cref="NetworkFault">It is none.</exception>
    internal static Destination Of(string host, int port)
    {
        CheckPort(port);
        var (name, address) = HostText.Parse(host);
        return new Destination(name, address, port);
    }

    /// <summary>An address.</summary>
    /// <exception cref="NetworkFault">The port is none.</exception>
    internal static Destination Of(IPAddress address, int port)
    {
        CheckPort(port);
        return new Destination(null, HostText.Plain(address), port);
    }

    internal static NetworkFault Malformed(string message) => new(NetworkFaultKind.Malformed, NetworkReasons.RequestMalformed, message);

    private static void CheckPort(int port)
    {
        if (port is < 1 or > ushort.MaxValue)
        {
            throw Malformed("a port must be from 1 to 65535");
        }
    }
}
