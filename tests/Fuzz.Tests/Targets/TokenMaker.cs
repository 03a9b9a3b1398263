using System.Text;
using Strata.Policy;

namespace Strata.Fuzz.Tests;

/// <summary>Keys, a moment and tokens to begin with.</summary>
internal static class TokenMaker
{
    private static readonly SigningKey V2 = Key(TokenVersion.V2, 2);
    private static readonly SigningKey V4 = Key(TokenVersion.V4, 4);

    internal static DateTimeOffset Now { get; } = new(2030, 1, 1, 12, 0, 0, TimeSpan.Zero);

    internal static KeySet Keys { get; } = KeySet.Of(V2.VerificationKey, V4.VerificationKey);

    /// <summary>Genuine tokens of both versions, with and without the key's name.</summary>
    internal static IEnumerable<byte[]> Genuine { get; } =
        [.. from key in (SigningKey[])[V2, V4] from namesKey in (bool[])[false, true] select Encoding.ASCII.GetBytes(TokenIssuer.Issue(Claims, key, namesKey))];

    /// <summary>The footers of those that have one.</summary>
    internal static IEnumerable<byte[]> Footers { get; } =
        [.. Genuine.Select(token => PasetoToken.TryParse(token, out var parsed) ? parsed.Footer.ToArray() : []).Where(footer => footer.Length > 0)];

    private static CapabilityClaims Claims => new()
    {
        Issuer = "identity@local-0",
        Audience = CapabilityNames.Audience,
        CapabilityId = "00112233445566778899aabbccddeeff",
        IssuedAt = Now.AddHours(-1),
        ExpiresAt = Now.AddHours(1),
        Service = "fs",
        Rights = NameList.Of("fs.open", "fs.read"),
    };

    private static SigningKey Key(TokenVersion version, byte number) => SigningKey.FromSeed(Ed25519Provider.Create(), version, [.. Enumerable.Repeat(number, IEd25519.SeedBytes)]);
}
