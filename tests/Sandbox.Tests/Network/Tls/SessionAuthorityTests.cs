using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Strata.Sandbox.Tests;

public sealed class SessionAuthorityTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void It_signs_for_the_hosts_of_its_session_alone()
    {
        using var authority = new SessionAuthority(["api.example", "*.cloud.example"], Now, Now.AddHours(1));
        Assert.NotNull(authority.LeafOf("api.example"));
        foreach (var beneath in new[] { "a.cloud.example", "a_b.cloud.example", "xn--zz--.cloud.example", "a.b.cloud.example" })
        {
            Assert.NotNull(authority.LeafOf(beneath));
        }

        foreach (var other in new[] { "evil.example", "cloud.example", "a.api.example", "api.example.evil.example", "192.0.2.1", "", "*" })
        {
            Assert.Null(authority.LeafOf(other));
        }
    }

    [Fact]
    public void Its_certificate_ends_with_the_session_and_holds_no_key()
    {
        using var authority = new SessionAuthority(["api.example"], Now, Now.AddHours(1));
        using var root = X509Certificate2.CreateFromPem(authority.Pem);
        Assert.False(root.HasPrivateKey);
        Assert.DoesNotContain("PRIVATE", authority.Pem, StringComparison.Ordinal);
        Assert.Equal(Now.AddHours(1).UtcDateTime, root.NotAfter.ToUniversalTime());
        Assert.Equal(root.NotAfter, authority.LeafOf("api.example")!.TargetCertificate.NotAfter);
    }

    [Fact]
    public void Two_sessions_have_nothing_in_common()
    {
        using var one = new SessionAuthority(["api.example"], Now, Now.AddHours(1));
        using var other = new SessionAuthority(["api.example"], Now, Now.AddHours(1));
        using var root = X509Certificate2.CreateFromPem(one.Pem);
        Assert.True(IsTrusted(root, one.LeafOf("api.example")!.TargetCertificate));
        Assert.False(IsTrusted(root, other.LeafOf("api.example")!.TargetCertificate));
    }

    [Theory]
    [InlineData("api.example", true)]
    [InlineData("a.cloud.example", true)]
    [InlineData("evil.example", false)]
    [InlineData("notapi.example", false)]
    [InlineData("192.0.2.1", false)]
    [InlineData("2001:db8::1", false)]
    public void Whatever_else_its_key_signed_would_not_be_trusted(string name, bool isTrusted)
    {
        // As somebody would who had the key.
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=stolen", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(NameExtensions.MaySignFor(["api.example", "cloud.example"]));
        using var root = request.CreateSelfSigned(Now, Now.AddHours(2));
        var names = new SubjectAlternativeNameBuilder();
        if (System.Net.IPAddress.TryParse(name, out var address))
        {
            names.AddIpAddress(address);
        }
        else
        {
            names.AddDnsName(name);
        }

        var wanted = new CertificateRequest("O=x", key, HashAlgorithmName.SHA256);
        wanted.CertificateExtensions.Add(names.Build());
        using var leaf = wanted.Create(root, Now, Now.AddHours(2), [1]);
        Assert.Equal(isTrusted, IsTrusted(root, leaf));
    }

    [Fact]
    public void It_keeps_only_so_many_certificates()
    {
        using var authority = new SessionAuthority(["*.cloud.example"], Now, Now.AddHours(1));
        for (var i = 0; i <= SessionAuthority.MaxLeaves; i++)
        {
            Assert.NotNull(authority.LeafOf($"a{i}.cloud.example"));
            Assert.InRange(authority.Leaves, 1, SessionAuthority.MaxLeaves);
        }

        Assert.Equal(1, authority.Leaves);
        Assert.Same(authority.LeafOf("a.cloud.example"), authority.LeafOf("a.cloud.example"));
    }

    private static bool IsTrusted(X509Certificate2 root, X509Certificate2 leaf)
    {
        using var chain = new X509Chain { ChainPolicy = TestTls.Trusting(root) };
        chain.ChainPolicy.VerificationTimeIgnored = false;
        chain.ChainPolicy.VerificationTime = Now.AddMinutes(1).UtcDateTime;
        return chain.Build(leaf);
    }
}
