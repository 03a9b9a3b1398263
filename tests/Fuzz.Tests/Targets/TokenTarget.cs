using System.Buffers.Binary;
using System.Text;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// A token's text, as if every signature were good: nothing is thrown, no token has two spellings, and what is signed covers header,
/// payload and footer as the specification says.
/// </summary>
internal sealed class TokenTarget : FuzzTarget
{
    private static readonly TokenVerifierOptions Options = new() { MaxCachedTokens = 64 };

    private readonly CapturingProvider _provider = new();
    private readonly TokenVerifier _verifier;

    internal TokenTarget() => _verifier = new TokenVerifier(_provider, TokenMaker.Keys, new RevocationSet(), Options);

    internal override string Name => "token";

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "v1.public.", "v2.public.", "v3.public.", "v4.public.", "v2.local.", "v4.local.", "V2.PUBLIC.", "k4.public.", ".", "..", "=", "==", "A", "AA", "AAA", "AAAA", "B", "g", "w", "-", "_", "+", "/", " ", "\n", "\0", "eyJ", "In0", "e30", "fQ");

    internal override IEnumerable<byte[]> Seeds => TokenMaker.Genuine;

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        var result = _verifier.Verify(input, TokenMaker.Now);
        Unless(result.IsVerified == (result.Reason == DenyReason.None), "verified with a reason why not, or the reverse");
        var again = _verifier.Verify(input, TokenMaker.Now);
        Unless(again.Reason == result.Reason && again.Token?.Claims == result.Token?.Claims, "a second look says something else");
        if (!PasetoToken.TryParse(input, out var token))
        {
            Unless(result.Reason is DenyReason.MalformedToken or DenyReason.MissingToken, "no token, and yet something else is wrong with it");
            return new Outcome(false, result.Reason.ToString());
        }

        AssertOneSpelling(input, token);
        return new Outcome(result.IsVerified, $"{result.Reason} {result.Fault}", ((int)token.Version * 2) + (token.Footer.IsEmpty ? 0 : 1));
    }

    private void AssertOneSpelling(ReadOnlySpan<byte> input, PasetoToken token)
    {
        Unless(token.TryVerify(_provider, default, default, out var payload), "the provider takes all");
        var header = $"v{(int)token.Version}.public.";
        var text = header + Spelt([.. payload.Span, .. _provider.Signature]) + (token.Footer.IsEmpty ? "" : "." + Spelt(token.Footer.Span));
        Unless(input.SequenceEqual(Encoding.ASCII.GetBytes(text)), "a second spelling of a token was taken");
        List<byte[]> pieces = [Encoding.ASCII.GetBytes(header), payload.ToArray(), token.Footer.ToArray()];
        if (token.Version == TokenVersion.V4)
        {
            pieces.Add([]);
        }

        Unless(_provider.Message.AsSpan().SequenceEqual(Encoded(pieces)), "what is signed is not what the specification says");
    }

    private static string Spelt(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');

    /// <summary>PASETO's pre-authentication encoding, from its specification.</summary>
    private static byte[] Encoded(List<byte[]> pieces) => [.. Length(pieces.Count), .. pieces.SelectMany(piece => (byte[])[.. Length(piece.Length), .. piece])];

    private static byte[] Length(int value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, (ulong)value);
        return bytes;
    }
}
