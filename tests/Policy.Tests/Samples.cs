using System.Text;

namespace Strata.Policy.Tests;

/// <summary>A plain capability, to be varied with <c>with</c>, and a request it allows.</summary>
internal static class Samples
{
    internal const string CapId = "00112233445566778899aabbccddeeff";

    internal static DateTimeOffset Now { get; } = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    internal static CapabilityClaims Claims { get; } = new()
    {
        Issuer = "identity@local-0",
        Audience = "strata",
        CapabilityId = CapId,
        IssuedAt = Now,
        ExpiresAt = Now.AddHours(1),
        Service = "fs",
        Rights = NameList.Of("fs.open", "fs.read"),
        Constraints = new() { PathPrefix = Prefix("/srv/data"), RateLimit = new RateLimit(50) },
    };

    internal static AuthorizationRequest Request { get; } = new()
    {
        Service = "fs",
        Right = "fs.open",
        Method = "fs.open",
        NeedsPath = true,
        Path = "notes/today.txt",
        Issuer = "identity@local-0",
        Now = Now,
        Revocation = RevocationStatus.Active,
    };

    /// <summary>With every further constraint, each in a middling value, and a request that meets them.</summary>
    internal static CapabilityClaims Bound(CapabilityClaims claims) => claims with
    {
        Constraints = claims.Constraints with
        {
            MethodsDenied = NameList.Of("fs.list", "fs.stat"),
            MaxBytes = 4096,
            QuotaBytes = 1 << 20,
            ReadOnly = true,
            NotBefore = Now.AddMinutes(1),
            Uid = 1000,
            Once = true,
            HolderKey = HolderKey.Of(TestKeys.V2.VerificationKey.PublicKey),
        },
    };

    internal static AuthorizationRequest BoundRequest { get; } = Request with
    {
        Now = Now.AddMinutes(1),
        PeerUid = 1000,
        Use = UseStatus.Unused,
        Proof = ProofStatus.Valid,
        Enforced = ServiceConstraints.All,
    };

    internal static PathPrefix Prefix(string text)
    {
        Assert.True(PathPrefix.TryParse(text, out var prefix, out var fault), fault);
        return prefix;
    }

    internal static byte[] Token(CapabilityClaims? claims = null, SigningKey? key = null, bool namesKey = true) =>
        Encoding.ASCII.GetBytes(TokenIssuer.Issue(claims ?? Claims, key ?? TestKeys.V2, namesKey));

    internal static string CapIdOf(int number) => number.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
}
