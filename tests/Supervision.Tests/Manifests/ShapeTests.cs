using System.Text;
using System.Text.Json;

namespace Strata.Supervision.Tests.Manifests;

/// <summary>What values of fields may look like.</summary>
public sealed class ShapeTests
{
    private static readonly ManifestFile Source = new("a.service.json", new byte[1]);

    [Theory]
    [InlineData("0B", 0)]
    [InlineData("1023B", 1023)]
    [InlineData("64K", 65_536)]
    [InlineData("256M", 268_435_456)]
    [InlineData("999999999G", 999_999_999L << 30)]
    public void Sizes_are_read_and_written_alike(string text, long bytes)
    {
        Assert.True(SizeText.TryParse(text, out var read));
        Assert.Equal(bytes, read);
        Assert.Equal(text, SizeText.Of(read));
        Assert.Matches(SizeText.Pattern, text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("K")]
    [InlineData("1")]
    [InlineData("1k")]
    [InlineData("1 K")]
    [InlineData("-1K")]
    [InlineData("1.5M")]
    [InlineData("1KB")]
    [InlineData("1000000000K")]
    public void What_is_no_size_is_refused(string text)
    {
        Assert.False(SizeText.TryParse(text, out _));
        Assert.Equal(
            $"must be a size such as \"64K\", \"256M\" or \"1G\", not \"{text}\"",
            FaultOf(new SizeShape(new(0, 1 << 30)), new JsonPiece(JsonValueKind.String, 0, text)));
    }

    [Fact]
    public void A_size_has_a_unit_and_a_flag_is_no_text()
    {
        var size = new SizeShape(new(65_536, 1L << 30));
        Assert.Equal("must be a size such as \"64K\", \"256M\" or \"1G\", not a number", FaultOf(size, new JsonPiece(JsonValueKind.Number, 0, "5")));
        Assert.Equal("64K to 1G", size.Range);
        Assert.Equal("must be true or false, not a text", FaultOf(new FlagShape(), new JsonPiece(JsonValueKind.String, 0, "true")));
        Assert.True(new FlagShape().TryRead(new JsonPiece(JsonValueKind.True, 0), "x", new FaultSink(Source), out var on) && on);
        Assert.True(new FlagShape().TryRead(new JsonPiece(JsonValueKind.False, 0), "x", new FaultSink(Source), out var off) && !off);
    }

    [Fact]
    public void The_schema_says_what_a_value_looks_like()
    {
        Assert.Equal("""{"type":"boolean"}""", SchemaOf(new FlagShape()));
        Assert.Equal("""{"type":"string","pattern":"^[0-9]{1,9}[BKMG]$"}""", SchemaOf(new SizeShape(new(0, 1))));
    }

    private static string FaultOf<T>(FieldShape<T> shape, JsonPiece piece)
    {
        var faults = new FaultSink(Source);
        Assert.False(shape.TryRead(piece, "x", faults, out _));
        return Assert.Single(faults.ToImmutable()).Message;
    }

    private static string SchemaOf<T>(FieldShape<T> shape)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            shape.WriteSchema(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
