using System.Buffers;
using Strata.Policy;
using static Strata.Fuzz.Tests.BrokenInvariantException;

namespace Strata.Fuzz.Tests;

/// <summary>
/// The claims within a token whose signature is good: what is accepted says the same to another reader of JSON, member by member,
/// and is the same when written and read again.
/// </summary>
internal sealed class ClaimsTarget : FuzzTarget
{
    private readonly ArrayBufferWriter<byte> _written = new();

    internal override string Name => "claims";

    internal override IReadOnlyList<byte[]> Tokens { get; } = Texts(
        "\"iss\":\"identity@local-0\",", "\"aud\":\"strata\",", "\"jti\":\"0011223344556677\",", "\"sub\":\"agent\",", "\"iat\":\"2030-01-01T11:00:00Z\",", "\"exp\":\"2030-01-01T13:00:00+01:00\",", "\"service\":\"fs\",",
        "\"actions\":[\"open\"],", "\"rights\":[\"fs.open\"],", "\"constraints\":{},", "\"constraints\":{\"path_prefix\":\"/a\"},", "\"path_prefix\":\"/srv/data\",", "\"path_prefix\":\"home:/x\",", "\"rate_limit\":\"50rps\",", "\"rate_limit\":null,",
        "\"methods_denied\":[\"fs.list\"],", "\"max_bytes\":1,", "\"quota_bytes\":4096,", "\"read_only\":true,", "\"read_only\":false,", "\"not_before\":\"2030-01-01T00:00:00Z\",", "\"uid\":0,", "\"uid\":4294967295,", "\"once\":true,",
        "\"holder_key\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\",", "\"template\":\"agent\",", "\"since\":\"2030-01-01T10:00:00Z\",", "\"chain\":[{\"id\":\"aaaaaaaaaaaaaaaa\"}],", "{\"id\":\"bbbbbbbbbbbbbbbb\",\"sub\":\"x\",\"rate_limit\":\"1rps\",\"quota_bytes\":9},",
        "\"x_note\":{\"a\":[1]},", "\"new_one\":1,", "..", "/", ".", "null", "true", "false", "{", "}", "[", "]", ",", ":", "\"", "Z", "+23:59", "-00:00", ".123456789");

    internal override Outcome Execute(ReadOnlySpan<byte> input)
    {
        if (!ClaimsReader.TryRead(input, ClaimsRules.Strict, out var claims, out var fault))
        {
            Unless(fault.Length > 0, "a fault without words");
            return new Outcome(false, fault.EndsWith("is not a claim this version knows", StringComparison.Ordinal) ? "unknown claim" : fault);
        }

        SecondClaims.AssertSame(input, claims);
        if (claims.Constraints.Unknown.Count == 0)
        {
            AssertSameAgain(claims);
        }

        return new Outcome(true, null, ShapeOf(claims));
    }

    private void AssertSameAgain(CapabilityClaims claims)
    {
        _written.ResetWrittenCount();
        ClaimsWriter.Write(claims, _written);
        Unless(ClaimsReader.TryRead(_written.WrittenSpan, ClaimsRules.Strict, out var again, out var fault), $"written claims are refused: {fault}");
        Unless(claims == again, "written claims say something else");
    }

    /// <summary>Which of the optional parts are there, as bits.</summary>
    private static int ShapeOf(CapabilityClaims claims)
    {
        var constraints = claims.Constraints;
        bool[] has =
        [
            claims.Actions.Count > 0, claims.Rights.Count > 0, claims.Template is not null, claims.Since is not null, claims.Chain.Count > 0, claims.Chain.Count > 1,
            constraints.PathPrefix is not null, constraints.RateLimit is not null, constraints.MethodsDenied.Count > 0, constraints.MaxBytes is not null, constraints.QuotaBytes is not null,
            constraints.ReadOnly, constraints.NotBefore is not null, constraints.Uid is not null, constraints.Once, constraints.HolderKey is not null, constraints.Unknown.Count > 0,
        ];
        return has.Aggregate(0, (bits, one) => (bits << 1) | (one ? 1 : 0));
    }
}
