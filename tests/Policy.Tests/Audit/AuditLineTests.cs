using System.Buffers;
using System.Text;

namespace Strata.Policy.Tests.Audit;

/// <summary>A line has one form: what differs from it by a character is none.</summary>
public sealed class AuditLineTests
{
    private const string Zeros = "0000000000000000000000000000000000000000000000000000000000000000";

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(long.MaxValue)]
    public void A_line_in_its_one_form_is_read(long seq)
    {
        var line = Parse($"{{\"seq\":{seq},\"prev\":\"{Zeros}\",\"event\":\"a\"}}");
        Assert.Equal((seq, Zeros, false, null, null), (line?.Seq, line?.Prev, line?.IsSeal, line?.Signature, line?.Digest));
    }

    [Theory]
    [InlineData("{\"seq\":0,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":-1,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":+1,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":01,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":9223372036854775808,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"sequ\":1,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("1,\"prev\":\"" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":1" + Zeros + "\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros)]
    [InlineData("{\"seq\":1,\"prev\":\"000")]
    [InlineData("{\"seq\":1,\"prev\":\"000\",\"event\":\"a\"}")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros + "\"event\":\"a\"}")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros + "\"}")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros + "\",}")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros + "\",event\":\"a\"}")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros + "\",\"event\":\"a\"")]
    [InlineData("{\"seq\":1,\"prev\":\"" + Zeros + "\",\"event\":\"a\"} ")]
    public void A_line_in_any_other_form_is_none(string line) => Assert.Null(Parse(line));

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{a:1}")]
    [InlineData("\"a\":1}")]
    [InlineData("{\"a\":1")]
    [InlineData("{\"a\":1} ")]
    [InlineData("{\"a\":\n1}")]
    public void A_record_that_is_no_object_on_one_line_is_refused_with_what_one_is(string record)
    {
        var refusal = Assert.Throws<ArgumentException>(() => AuditLine.Write(new ArrayBufferWriter<byte>(), AuditHead.Genesis, Encoding.UTF8.GetBytes(record)));
        Assert.StartsWith("An audit record is a JSON object on one line with at least one member.", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_seal_has_a_signature_of_one_length_at_its_end()
    {
        var signed = $"{{\"seq\":1,\"prev\":\"{Zeros}\",\"event\":\"audit.sealed\",\"sig\":\"{new string('a', 128)}\"}}";
        var line = Parse(signed)!;
        Assert.True(line.IsSeal);
        Assert.Equal(Enumerable.Repeat((byte)0xaa, 64), line.Signature);
        Assert.NotNull(line.Digest);

        foreach (var other in new[] { new string('a', 126), new string('a', 130), new string('A', 128), new string('a', 127) + "g" })
        {
            var unsigned = Parse(signed.Replace(new string('a', 128), other, StringComparison.Ordinal))!;
            Assert.Equal((true, null, null), (unsigned.IsSeal, unsigned.Signature, unsigned.Digest));
        }

        Assert.Null(Parse(signed[..^1] + ",\"x\":1}")!.Signature);
        Assert.Null(Parse(signed.Replace("\"}", "a}", StringComparison.Ordinal))!.Signature);
        Assert.True(Parse(signed.Replace("audit.sealed", "other", StringComparison.Ordinal))!.IsSeal);
    }

    [Fact]
    public void A_seal_signs_its_purpose_the_node_the_service_the_number_and_the_digest()
    {
        using var key = TestKeys.Provider.ImportSeed(TestKeys.Seed(5));
        var signature = AuditSeal.Sign(key, "n1", "fs", 7, Zeros);
        var message = PreAuthenticationEncoding.Of([.. "strata.audit.seal.v1"u8], [.. "n1"u8], [.. "fs"u8], [.. "7"u8], Encoding.ASCII.GetBytes(Zeros));
        Assert.True(TestKeys.Provider.Verify(key.PublicKey, message, signature));
    }

    private static AuditLine? Parse(string line) => AuditLine.TryParse(Encoding.UTF8.GetBytes(line));
}
