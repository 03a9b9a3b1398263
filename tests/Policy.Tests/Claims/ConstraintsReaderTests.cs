using System.Buffers;
using System.Globalization;
using System.Text;

namespace Strata.Policy.Tests;

public class ConstraintsReaderTests
{
    private static readonly string Key = HolderKey.Of(TestKeys.V2.VerificationKey.PublicKey).Value;

    [Fact]
    public void Every_constraint_is_written_canonically_and_read_again()
    {
        var bound = Samples.Bound(Samples.Claims);
        var json = Write(bound);
        Assert.EndsWith(
            "\"constraints\":{\"path_prefix\":\"/srv/data\",\"rate_limit\":\"50rps\",\"methods_denied\":[\"fs.list\",\"fs.stat\"],"
            + "\"max_bytes\":4096,\"quota_bytes\":1048576,\"read_only\":true,\"not_before\":\"2026-01-31T12:01:00Z\",\"uid\":1000,\"once\":true,"
            + $"\"holder_key\":\"{Key}\"}}}}",
            json, StringComparison.Ordinal);
        Assert.Equal(bound, Read(json).Claims);
    }

    [Theory]
    [InlineData("max_bytes", "1")]
    [InlineData("max_bytes", "9007199254740991")]
    [InlineData("quota_bytes", "9007199254740991")]
    [InlineData("uid", "0")]
    [InlineData("uid", "4294967294")]
    public void A_number_at_its_limit_is_taken(string name, string value) => Assert.Null(Read(name, value).Fault);

    [Theory]
    [InlineData("max_bytes", "0")]
    [InlineData("max_bytes", "9007199254740992")]
    [InlineData("max_bytes", "-1")]
    [InlineData("max_bytes", "-0")]
    [InlineData("max_bytes", "1.0")]
    [InlineData("max_bytes", "1e3")]
    [InlineData("max_bytes", "\"1\"")]
    [InlineData("max_bytes", "null")]
    [InlineData("max_bytes", "99999999999999999999")]
    [InlineData("quota_bytes", "0")]
    [InlineData("quota_bytes", "9007199254740992")]
    [InlineData("uid", "4294967295")]
    [InlineData("uid", "-1")]
    [InlineData("uid", "\"root\"")]
    [InlineData("read_only", "false")]
    [InlineData("read_only", "1")]
    [InlineData("read_only", "null")]
    [InlineData("once", "false")]
    [InlineData("once", "\"true\"")]
    [InlineData("methods_denied", "[]")]
    [InlineData("methods_denied", "\"fs.list\"")]
    [InlineData("methods_denied", "[\"list\"]")]
    [InlineData("methods_denied", "[\"fs.*\"]")]
    [InlineData("methods_denied", "[\"fs.list\",\"fs.list\"]")]
    [InlineData("not_before", "1769860800")]
    [InlineData("not_before", "\"today\"")]
    [InlineData("holder_key", "\"\"")]
    [InlineData("holder_key", "7")]
    [InlineData("holder_key", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"")]
    [InlineData("holder_key", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"")]
    public void Anything_else_is_refused_by_name(string name, string value)
    {
        var (claims, fault) = Read(name, value);
        Assert.Null(claims);
        Assert.StartsWith($"constraints.{name}: ", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void As_many_methods_may_be_denied_as_the_limit_says_and_no_more()
    {
        static string Methods(int count) => $"[{string.Join(',', Enumerable.Range(0, count).Select(i => string.Create(CultureInfo.InvariantCulture, $"\"fs.m{i}\"")))}]";
        Assert.Null(Read("methods_denied", Methods(ClaimLimits.MaxMethodsDenied)).Fault);
        Assert.NotNull(Read("methods_denied", Methods(ClaimLimits.MaxMethodsDenied + 1)).Fault);
    }

    [Fact]
    public void A_key_has_one_spelling_and_is_no_key_under_which_anybody_can_sign()
    {
        Assert.True(HolderKey.TryParse(Key, out var key, out _));
        Assert.Equal(TestKeys.V2.VerificationKey.PublicKey.ToArray(), key.PublicKey.ToArray());
        Assert.False(HolderKey.TryParse(Key + "=", out _, out _));
        Assert.False(HolderKey.TryParse(Key[..^1], out _, out _));
        Assert.False(HolderKey.TryParse(" " + Key[1..], out _, out _));
        Assert.False(HolderKey.TryParse(Key[..^1] + "é", out _, out _));
        Assert.False(HolderKey.TryParse(null, out _, out _));
        Assert.Throws<ArgumentException>(() => HolderKey.Of(new byte[32]));
        Assert.Throws<ArgumentException>(() => HolderKey.Of(new byte[31]));
    }

    private static string Write(CapabilityClaims claims)
    {
        var json = new ArrayBufferWriter<byte>();
        ClaimsWriter.Write(claims, json);
        return Encoding.UTF8.GetString(json.WrittenSpan);
    }

    private static (CapabilityClaims? Claims, string? Fault) Read(string name, string value) =>
        Read(Write(Samples.Claims with { Constraints = CapabilityConstraints.None })[..^1] + $",\"constraints\":{{\"{name}\":{value}}}}}");

    private static (CapabilityClaims? Claims, string? Fault) Read(string json) =>
        ClaimsReader.TryRead(Encoding.UTF8.GetBytes(json), ClaimsRules.Strict, out var claims, out var fault) ? (claims, null) : (null, fault);
}
