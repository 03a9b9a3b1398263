namespace Strata.Policy;

/// <summary>The headers in their one spelling.</summary>
internal static class PasetoHeader
{
    internal const int Bytes = 10;

    internal static ReadOnlySpan<byte> Of(TokenVersion version) => version switch
    {
        TokenVersion.V2 => "v2.public."u8,
        TokenVersion.V4 => "v4.public."u8,
        _ => throw new ArgumentOutOfRangeException(nameof(version), version, "Only v2 and v4 tokens are known."),
    };

    internal static bool TryRead(ReadOnlySpan<byte> token, out TokenVersion version)
    {
        version = token.StartsWith("v2.public."u8) ? TokenVersion.V2 : TokenVersion.V4;
        return version == TokenVersion.V2 || token.StartsWith("v4.public."u8);
    }
}
