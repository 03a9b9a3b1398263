using System.Net;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The registries that images may come from. None unless the operator names them.</summary>
internal sealed class RegistryList
{
    private const string Insecure = "http://";
    private const int MaxRegistries = 64;
    private readonly Dictionary<string, string> _schemes = new(StringComparer.Ordinal);

    /// <summary>Reads a list separated by commas; <c>http://</c> before a host lets it be spoken to in the clear, which only a loopback address is without.</summary>
    /// <exception cref="SettingsException">It is none.</exception>
    internal static RegistryList Parse(string? list)
    {
        var result = new RegistryList();
        foreach (var part in (list ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var plain = part.StartsWith(Insecure, StringComparison.Ordinal);
            var host = plain ? part[Insecure.Length..] : part;
            if (!ImageReference.IsRegistry(host) || result._schemes.Count >= MaxRegistries)
            {
                throw new SettingsException("STRATA_SANDBOX_REGISTRIES must be registries such as docker.io,ghcr.io,127.0.0.1:5000, each in small letters, http:// before one that has no TLS");
            }

            result._schemes[host] = plain || IsLoopback(host) ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        }

        return result;
    }

    /// <summary>Where a registry answers.</summary>
    /// <exception cref="SandboxException">It is not among those that the operator named.</exception>
    internal Uri Find(string registry)
    {
        if (!_schemes.TryGetValue(registry, out var scheme))
        {
            throw new SandboxException(ErrorCode.PermissionDenied, SandboxReasons.RegistryDenied, $"images may not come from {registry}; the operator names those they may in STRATA_SANDBOX_REGISTRIES");
        }

        // What people call docker.io has its registry elsewhere.
        return new Uri($"{scheme}://{(registry == "docker.io" ? "registry-1.docker.io" : registry)}/");
    }

    internal static bool IsLoopback(string host)
    {
        var name = host.Split(':')[0];
        return name == "localhost" || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address));
    }
}
