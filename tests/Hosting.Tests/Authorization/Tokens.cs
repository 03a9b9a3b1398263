using System.Text;
using Strata.Policy;

namespace Strata.Hosting.Tests.Authorization;

/// <summary>Keys from fixed seeds and capabilities to vary.</summary>
internal static class Tokens
{
    internal static IEd25519 Provider { get; } = Ed25519Provider.Create();

    internal static SigningKey Key { get; } = KeyOf(2);

    internal static SigningKey OtherKey { get; } = KeyOf(3);

    internal static CapabilityClaims Claims { get; } = new()
    {
        Issuer = "identity@local-0",
        Audience = "strata",
        CapabilityId = IdOf(1),
        Subject = "alice",
        IssuedAt = new ManualTime().GetUtcNow(),
        ExpiresAt = new ManualTime().GetUtcNow().AddHours(1),
        Service = "fs",
        Rights = NameList.Of("fs.read"),
        Constraints = new() { PathPrefix = Prefix("/srv/data") },
    };

    internal static string IdOf(int number) => number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    internal static byte[] Token(CapabilityClaims? claims = null, SigningKey? key = null) =>
        Encoding.ASCII.GetBytes(TokenIssuer.Issue(claims ?? Claims, key ?? Key));

    internal static PathPrefix Prefix(string text)
    {
        Assert.True(PathPrefix.TryParse(text, out var prefix, out var fault), fault);
        return prefix;
    }

    private static SigningKey KeyOf(byte number)
    {
        var seed = new byte[IEd25519.SeedBytes];
        seed.AsSpan().Fill(number);
        return SigningKey.FromSeed(Provider, TokenVersion.V2, seed);
    }
}
