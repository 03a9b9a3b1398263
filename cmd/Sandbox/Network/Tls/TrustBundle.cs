using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The file inside that programs find trusted certificates in: those of the image, or of the host where it has none, and the session's own authority's.</summary>
internal static class TrustBundle
{
    /// <summary>Most bytes of what is taken over; more is left out.</summary>
    internal const int MaxRootsBytes = 1 << 20;

    private const string Name = "ca.pem";

    // Where distributions have all of them in one file.
    private static readonly string[] Places =
    [
        "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
        "/etc/ssl/certs/ca-bundle.crt",
    ];

    // OpenSSL and what is built with it, Go, curl, Python's requests, pip, Node.js, git, the AWS tools, Deno, Cargo, what comes from Nix.
    private static readonly string[] Names =
    [
        "SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "PIP_CERT", "NODE_EXTRA_CA_CERTS", "GIT_SSL_CAINFO", "AWS_CA_BUNDLE", "DENO_CERT", "CARGO_HTTP_CAINFO", "NIX_SSL_CERT_FILE",
    ];

    /// <summary>Variables by which programs find it.</summary>
    internal static IEnumerable<KeyValuePair<string, string>> Variables { get; } = [.. Names.Select(name => new KeyValuePair<string, string>(name, $"{SandboxPlan.DefaultChannelPath}/{Name}"))];

    /// <summary>Lays it in, before any program runs: read-only inside, in the directory that the service alone writes.</summary>
    internal static async Task LayAsync(ISandbox sandbox, SessionAuthority authority)
    {
        using var channel = ChannelDirectory.Open(sandbox);
        if (channel is not null)
        {
            var roots = await Task.Run(() => RootsInside(sandbox) ?? RootsHere()).ConfigureAwait(false);
            channel.Write(Name, [.. roots, .. Encoding.ASCII.GetBytes($"\n{authority.Pem}\n")]);
        }
    }

    // As a program inside would find it, links and all: the image is a stranger's.
    private static byte[]? RootsInside(ISandbox sandbox)
    {
        using var space = new FileSpace(FileDescriptor.Duplicate(sandbox.Root.Number), SessionSpaces.UserOf(sandbox), Name);
        return Places.Select(place => space.Run(root => Read(root, space.Resolve(place)))).FirstOrDefault(found => found is not null);
    }

    private static byte[] RootsHere()
    {
        using var root = BeneathRoot.OfWholeTree(DirectoryHandle.Open("/"));
        return Places.Select(place => Read(root, Encoding.ASCII.GetBytes(place[1..]))).FirstOrDefault(found => found is not null) ?? [];
    }

    private static byte[]? Read(BeneathRoot root, ReadOnlySpan<byte> place)
    {
        var opened = root.TryOpenFile(place, out var status);
        if (opened < 0)
        {
            return null;
        }

        using var file = new FileDescriptor(opened);
        if (status.SizeBytes is 0 or > MaxRootsBytes)
        {
            return null;
        }

        var bytes = new byte[status.SizeBytes];
        for (int have = 0, count; have < bytes.Length; have += count)
        {
            count = Descriptors.TryRead(file.Number, bytes.AsSpan(have));
            if (count is <= 0 and not -Errno.EINTR)
            {
                return null;
            }

            count = Math.Max(0, count);
        }

        return bytes;
    }
}
