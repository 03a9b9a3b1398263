using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>The SHA-256 of bytes, in 64 small hexadecimal digits: safe as the name of a file.</summary>
internal readonly record struct Digest
{
    private const string Algorithm = "sha256:";
    private const int Digits = 64;

    private readonly string? _hex;

    internal Digest(string hex) => _hex = IsHex(hex) ? hex : throw new ArgumentException("no SHA-256 in small hexadecimal digits", nameof(hex));

    /// <summary>The digits alone.</summary>
    internal string Hex => _hex ?? throw new InvalidOperationException("no digest");

    internal static Digest Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Sha256Hash.Bytes];
        Sha256Hash.Of(bytes, hash);
        return new Digest(Convert.ToHexStringLower(hash));
    }

    /// <summary>Reads the form <c>sha256:…</c>; no other algorithm is known.</summary>
    internal static Digest? TryParse(string? text) =>
        text is not null && text.StartsWith(Algorithm, StringComparison.Ordinal) && IsHex(text[Algorithm.Length..]) ? new Digest(text[Algorithm.Length..]) : null;

    public override string ToString() => Algorithm + Hex;

    private static bool IsHex(string text) => text.Length == Digits && text.All(char.IsAsciiHexDigitLower);
}
