using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Secrets that never come inside: there is a placeholder in their place, and the proxy puts the value into the fields of requests to the hosts that
/// are named for it. It speaks TLS to them, unless one was named with http://, and reads what programs encrypt to them, unless a secret is for what they ask in the clear only.
/// </summary>
internal sealed class SessionSecrets
{
    private const int PlaceholderBytes = 24;
    private const string Basic = "Basic ";
    private readonly IReadOnlyList<HeldSecret> _secrets;

    private SessionSecrets(IReadOnlyList<HeldSecret> secrets)
    {
        _secrets = secrets;
        TlsHosts = [.. secrets.Where(secret => !secret.ClearOnly).SelectMany(secret => secret.Hosts).Where(host => host.IsSecure).Distinct().OrderBy(host => host.ToString(), StringComparer.Ordinal)];
    }

    /// <summary>None.</summary>
    internal static SessionSecrets None { get; } = new([]);

    /// <summary>Their names.</summary>
    internal IReadOnlyList<string> Names => [.. _secrets.Select(secret => secret.Name)];

    /// <summary>What programs inside find in their environment.</summary>
    internal IEnumerable<KeyValuePair<string, string>> Variables => _secrets.Select(secret => new KeyValuePair<string, string>(secret.Name, secret.Placeholder));

    /// <summary>The hosts to which the proxy reads what programs encrypt.</summary>
    internal IReadOnlyList<SecretHost> TlsHosts { get; }

    /// <summary>Gives each a placeholder that nobody can guess.</summary>
    internal static SessionSecrets Of(IEnumerable<(string Name, string Value, IReadOnlyList<SecretHost> Hosts, bool ClearOnly)> secrets) =>
        new([.. secrets.Select(one => new HeldSecret(one.Name, "strata-secret-" + SecureRandom.Hex(PlaceholderBytes), one.Value, one.Hosts, one.ClearOnly))]);

    /// <summary>Whether the proxy reads what programs encrypt to a host.</summary>
    internal bool Terminates(Destination to) => TlsHosts.Any(host => host.Covers(to));

    /// <summary>A request that is sent over TLS if a secret's host is asked, whatever the client said: it cannot have said so without hiding the placeholder.</summary>
    internal ProxyRequest Secure(ProxyRequest request)
    {
        if (request.IsTunnel || request.IsHttps)
        {
            return request;
        }

        var secure = request.OverTls();
        return _secrets.Any(secret => secret.Hosts.Any(host => host.IsSecure && host.Covers(secure.To))) ? secure : request;
    }

    /// <summary>A field's value as the server gets it.</summary>
    /// <param name="value">As it came.</param>
    /// <param name="to">Who gets it.</param>
    /// <param name="isSecure">Whether over TLS.</param>
    /// <param name="isTerminated">Whether the program encrypted it.</param>
    /// <param name="used">Told the name of each that was put in.</param>
    internal string PutInto(string value, Destination to, bool isSecure, bool isTerminated = false, Action<string>? used = null)
    {
        foreach (var secret in _secrets.Where(secret => !(isTerminated && secret.ClearOnly) && secret.Hosts.Any(host => host.Covers(to) && (isTerminated ? host.IsSecure : isSecure || !host.IsSecure))))
        {
            var changed = value.StartsWith(Basic, StringComparison.OrdinalIgnoreCase) ? PutIntoBasic(value, secret) : value.Replace(secret.Placeholder, secret.Value, StringComparison.Ordinal);
            if (changed != value)
            {
                used?.Invoke(secret.Name);
                value = changed;
            }
        }

        return value;
    }

    // Name and password, encoded together.
    private static string PutIntoBasic(string value, HeldSecret secret)
    {
        var bytes = new byte[value.Length];
        if (!Convert.TryFromBase64String(value[Basic.Length..].Trim(), bytes, out var count))
        {
            return value;
        }

        var text = Encoding.Latin1.GetString(bytes, 0, count);
        return text.Contains(secret.Placeholder, StringComparison.Ordinal)
            ? Basic + Convert.ToBase64String(Encoding.Latin1.GetBytes(text.Replace(secret.Placeholder, secret.Value, StringComparison.Ordinal)))
            : value;
    }

    private sealed record HeldSecret(string Name, string Placeholder, string Value, IReadOnlyList<SecretHost> Hosts, bool ClearOnly);
}
