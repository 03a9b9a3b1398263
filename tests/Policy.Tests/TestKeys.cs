namespace Strata.Policy.Tests;

/// <summary>The provider this build was made with, and keys from fixed seeds.</summary>
internal static class TestKeys
{
    internal static IEd25519 Provider { get; } = Ed25519Provider.Create();

    internal static SigningKey V2 { get; } = Key(TokenVersion.V2, 2);

    internal static SigningKey V4 { get; } = Key(TokenVersion.V4, 4);

    internal static KeySet Both { get; } = KeySet.Of(V2.VerificationKey, V4.VerificationKey);

    internal static SigningKey Of(TokenVersion version) => version == TokenVersion.V2 ? V2 : V4;

    internal static byte[] Seed(byte number)
    {
        var seed = new byte[IEd25519.SeedBytes];
        seed.AsSpan().Fill(number);
        return seed;
    }

    internal static SigningKey Key(TokenVersion version, byte number) => SigningKey.FromSeed(Provider, version, Seed(number));
}
