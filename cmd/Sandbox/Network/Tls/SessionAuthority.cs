using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>
/// Signs certificates of the hosts that get a session's secrets, for programs inside alone. Its key is in this process's memory and nowhere else, and its
/// own certificate says that it may sign for nothing else.
/// </summary>
internal sealed class SessionAuthority : IDisposable
{
    /// <summary>Most certificates that are kept; one more makes room by letting all go.</summary>
    internal const int MaxLeaves = 64;

    private const string ServerAuthentication = "1.3.6.1.5.5.7.3.1";
    private const int SerialBytes = 16;

    // Clocks inside and outside are the same one; this is for programs that round.
    private static readonly TimeSpan Backdated = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, SslStreamCertificateContext> _leaves = [];
    private readonly IReadOnlyList<string> _domains;
    private readonly X509Certificate2 _root;
    private readonly ECDsa _leafKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <param name="domains">Names, or <c>*.</c> and a name for all beneath it.</param>
    /// <param name="now">The time.</param>
    /// <param name="ends">When nobody needs it any more.</param>
    internal SessionAuthority(IReadOnlyList<string> domains, DateTimeOffset now, DateTimeOffset ends)
    {
        _domains = domains;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Strata sandbox {SecureRandom.Hex(8)}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: true, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        request.CertificateExtensions.Add(NameExtensions.MaySignFor(domains.Select(domain => domain.StartsWith("*.", StringComparison.Ordinal) ? domain[2..] : domain).Distinct()));
        _root = request.CreateSelfSigned(now - Backdated, ends > now + Shortest ? ends : now + Shortest);
    }

    /// <summary>Its certificate, without the key.</summary>
    internal string Pem => _root.ExportCertificatePem();

    /// <summary>The certificate and key of a host; null for one that it is not there for.</summary>
    /// <param name="name">In its one spelling.</param>
    internal SslStreamCertificateContext? LeafOf(string name)
    {
        if (!_domains.Any(domain => SandboxNames.CoversDomain(domain, name)))
        {
            return null;
        }

        lock (_lock)
        {
            if (!_leaves.TryGetValue(name, out var leaf))
            {
                if (_leaves.Count == MaxLeaves)
                {
                    // Those in use stay with who uses them.
                    _leaves.Clear();
                }

                leaf = _leaves[name] = Sign(name);
            }

            return leaf;
        }
    }

    /// <summary>How many certificates are kept.</summary>
    internal int Leaves
    {
        get
        {
            lock (_lock)
            {
                return _leaves.Count;
            }
        }
    }

    /// <summary>Lets go of all keys. Nobody asks it, or uses what it gave, any more.</summary>
    public void Dispose()
    {
        foreach (var leaf in _leaves.Values)
        {
            leaf.TargetCertificate.Dispose();
        }

        _root.Dispose();
        _leafKey.Dispose();
    }

    private SslStreamCertificateContext Sign(string name)
    {
        // Names are longer than a common name may be; nobody looks there beside the alternative names.
        var request = new CertificateRequest("O=Strata sandbox", _leafKey, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(NameExtensions.Is(name));
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: false, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ServerAuthentication)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(_root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var serial = new byte[SerialBytes];
        SecureRandom.Fill(serial);
        serial[0] &= 0x7F; // A positive number.
        using var signed = request.Create(_root, _root.NotBefore, _root.NotAfter, serial);
        return SslStreamCertificateContext.Create(signed.CopyWithPrivateKey(_leafKey), additionalCertificates: null, offline: true);
    }
}
