using System.Globalization;

namespace Strata.Sandbox;

/// <summary>What a client inside wants of the HTTP proxy. Pure.</summary>
/// <param name="Head">As it came.</param>
/// <param name="To">Where to.</param>
/// <param name="IsTunnel">Whether it is CONNECT: bytes both ways, none of which is looked at.</param>
internal sealed record ProxyRequest(HttpHead Head, Destination To, bool IsTunnel)
{
    private const int HttpPort = 80;
    private const int HttpsPort = 443;

    // Between the client and the proxy alone, or an invitation to speak something else afterwards.
    private static readonly string[] Dropped =
        ["connection", "proxy-connection", "keep-alive", "proxy-authorization", "proxy-authenticate", "te", "trailer", "upgrade", "http2-settings", "host", "transfer-encoding", "content-length"];

    /// <summary>Whether the client asked for TLS between the proxy and the server.</summary>
    internal bool IsHttps { get; private init; }

    /// <summary>The path and query; for a tunnel nothing.</summary>
    internal string Path { get; private init; } = "";

    /// <summary>Bytes of its body; null for one in chunks.</summary>
    internal long? BodyBytes { get; private init; } = 0;

    /// <summary>Whether nothing follows it on its connection.</summary>
    internal bool IsLast { get; private init; } = true;

    /// <summary>What the client would speak from here on; null for nothing else.</summary>
    internal string? Upgrade { get; private init; }

    /// <summary>Reads a request.</summary>
    /// <exception cref="NetworkFault">It is none for a proxy, or could be read in two ways.</exception>
    internal static ProxyRequest Of(HttpHead head)
    {
        if (head.Method == "CONNECT")
        {
            var to = Destination.Parse(head.Target, defaultPort: null);
            RequireOneHost(head);
            return new ProxyRequest(head, to, IsTunnel: true);
        }

        if (head.Method == "TRACE")
        {
            throw Destination.Malformed("TRACE is not passed on, for it would give back what the proxy puts in");
        }

        return OfUrl(head);
    }

    /// <summary>Reads a request that a client makes of a host itself.</summary>
    /// <param name="head">As it came.</param>
    /// <param name="to">The host, over TLS, which it must ask for.</param>
    /// <exception cref="NetworkFault">It is none, could be read in two ways, or asks for another host.</exception>
    internal static ProxyRequest OfHost(HttpHead head, Destination to)
    {
        if (head.Method is "CONNECT" or "TRACE" || !(head.Target[0] == '/' || (head.Target == "*" && head.Method == "OPTIONS")) || head.Target.Contains('#', StringComparison.Ordinal))
        {
            throw Destination.Malformed("a host that gets a secret is asked with METHOD /PATH, and not with CONNECT or TRACE");
        }

        if (OneHost(head) is { } host && Destination.Parse(host, HttpsPort) != to)
        {
            throw new NetworkFault(NetworkFaultKind.Denied, NetworkReasons.NameMismatch, $"Host must be {to.Host}, to which the connection was made");
        }

        var connection = Tokens(head);
        var (body, isOld) = (BodyOf(head), head.Version != "HTTP/1.1");
        var upgrade = body == 0 && !isOld && connection.Contains("upgrade") && head.Values("upgrade").ToList() is [var one] && !one.StartsWith("h2", StringComparison.OrdinalIgnoreCase) ? one : null;
        return new ProxyRequest(head, to, IsTunnel: false) { IsHttps = true, Path = head.Target, BodyBytes = body, IsLast = isOld || connection.Contains("close"), Upgrade = upgrade };
    }

    /// <summary>The same, as one that does not ask for anything else to be spoken.</summary>
    internal ProxyRequest WithoutUpgrade() => this with { Upgrade = null };

    /// <summary>The same, to be sent over TLS: to its port unless that was HTTP's own.</summary>
    internal ProxyRequest OverTls() => this with { IsHttps = true, To = To with { Port = To.Port == HttpPort ? HttpsPort : To.Port } };

    /// <summary>The head as the server gets it: to the very host that was decided on.</summary>
    /// <param name="change">Has a last look at each field's value.</param>
    internal string ToServer(Func<string, string> change)
    {
        var lines = new List<string> { $"{Head.Method} {Path} HTTP/1.1", $"Host: {HostField}" };
        lines.AddRange(Upgrade is not null ? ["Connection: Upgrade", $"Upgrade: {Upgrade}"] : IsLast ? ["Connection: close"] : []);
        var named = Tokens(Head);
        lines.AddRange(Head.Fields.Where(field => !Dropped.Contains(field.Key, StringComparer.OrdinalIgnoreCase) && !named.Contains(field.Key)).Select(field => $"{field.Key}: {change(field.Value)}"));
        if (BodyBytes is null)
        {
            lines.Add("Transfer-Encoding: chunked");
        }
        else if (Head.Values("content-length").Any())
        {
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"Content-Length: {BodyBytes}"));
        }

        return string.Join("\r\n", lines) + "\r\n\r\n";
    }

    private static HashSet<string> Tokens(HttpHead head) =>
        head.Values("connection").SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private string HostField => To.Port == (IsHttps ? HttpsPort : HttpPort) ? To.Host : To.ToString();

    private static ProxyRequest OfUrl(HttpHead head)
    {
        var isHttps = head.Target.StartsWith("https://", StringComparison.OrdinalIgnoreCase);
        if (!isHttps && !head.Target.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
        {
            throw Destination.Malformed("this is a proxy: ask it for whole URLs that begin with http://, or with CONNECT HOST:PORT");
        }

        var rest = head.Target[(isHttps ? "https://" : "http://").Length..];
        var end = rest.AsSpan().IndexOfAny('/', '?');
        var (authority, path) = end < 0 ? (rest, "/") : (rest[..end], rest[end..]);
        if (rest.Contains('#', StringComparison.Ordinal))
        {
            throw Destination.Malformed("a URL that is asked for must not have a fragment (#)");
        }

        var to = Destination.Parse(authority, isHttps ? HttpsPort : HttpPort);
        RequireOneHost(head);
        return new ProxyRequest(head, to, IsTunnel: false) { IsHttps = isHttps, Path = path[0] == '?' ? "/" + path : path, BodyBytes = BodyOf(head) };
    }

    // Whatever it is: who asks a proxy may name the proxy there, and what counts is the request's own target, whose host the server is told (RFC 9112, section 3.2.2).
    private static void RequireOneHost(HttpHead head) => _ = OneHost(head);

    private static string? OneHost(HttpHead head)
    {
        var hosts = head.Values("host").ToList();
        return hosts.Count > 1 || (hosts.Count == 0 && head.Version == "HTTP/1.1") ? throw Destination.Malformed("a request must have one Host field") : hosts.FirstOrDefault();
    }

    private static long? BodyOf(HttpHead head)
    {
        var (encodings, lengths) = (head.Values("transfer-encoding").ToList(), head.Values("content-length").ToList());
        if (encodings.Count > 0)
        {
            return encodings is [var encoding] && encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase) && lengths.Count == 0 && head.Version == "HTTP/1.1"
                ? null
                : throw Destination.Malformed("Transfer-Encoding must be chunked, of HTTP/1.1, and without Content-Length");
        }

        return lengths switch
        {
            [] => 0,
            [var length] when length.Length <= 18 && long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) => bytes,
            _ => throw Destination.Malformed("there must be one Content-Length at most, a number"),
        };
    }
}
