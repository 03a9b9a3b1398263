using System.Text;
using Strata.Contracts;

namespace Strata.Hosting.Tests.State;

public class StateFormatTests
{
    [Fact]
    public void What_is_written_is_read()
    {
        var format = new StateFormat(7, "1.2.3-rc.1");
        Assert.Equal("{\"format\":7,\"written_by\":\"1.2.3-rc.1\"}\n", Encoding.UTF8.GetString(format.Encode()));
        Assert.Equal(format, StateFormat.TryParse(format.Encode(), out var fault));
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("""{"format":2,"written_by":"9.0.0","features":["a",{"b":[1]}]}""")]
    [InlineData(""" { "written_by" : "9.0.0" , "format" : 2 } """)]
    public void A_later_version_may_say_more(string text) => Assert.Equal(new StateFormat(2, "9.0.0"), Parse(text, out _));

    [Theory]
    [InlineData("", "is empty")]
    [InlineData("{\"format\":1,\"writ", "not whole")]
    [InlineData("{\"format\":1,\"written_by\":\"0.1.0\"", "not whole")]
    [InlineData("{\"format\":1,\"written_by\":\"0.1.0\"}{}", "not JSON")]
    [InlineData("{\"format\":1,\"written_by\":\"0.1.0\"}\0", "not JSON")]
    [InlineData("garbage", "not JSON")]
    [InlineData("\0\0\0\0", "not JSON")]
    [InlineData("[1]", "no JSON object")]
    [InlineData("1", "no JSON object")]
    [InlineData("{}", "says no format")]
    [InlineData("{\"format\":1}", "what wrote it")]
    [InlineData("{\"written_by\":\"0.1.0\"}", "says no format")]
    [InlineData("{\"format\":0,\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":-1,\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":1.5,\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":2147483648,\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":99999999999999999999999999999999999999,\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":1e99999,\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":\"1\",\"written_by\":\"0.1.0\"}", "no whole number from 1")]
    [InlineData("{\"format\":1,\"format\":2,\"written_by\":\"0.1.0\"}", "given once")]
    [InlineData("{\"format\":1,\"written_by\":\"\"}", "no version")]
    [InlineData("{\"format\":1,\"written_by\":7}", "no version")]
    [InlineData("{\"format\":1,\"written_by\":\"0.1.0; rm -rf /\"}", "no version")]
    [InlineData("{\"format\":1,\"written_by\":\"\\u001b[2J\"}", "no version")]
    [InlineData("{\"format\":1,\"written_by\":\"0.1.0\",\"written_by\":\"0.1.0\"}", "given once")]
    public void What_it_is_not_is_told(string text, string expected)
    {
        Assert.Null(Parse(text, out var fault));
        Assert.Contains(expected, fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_version_has_at_most_64_characters()
    {
        Assert.NotNull(Parse($$"""{"format":1,"written_by":"{{new string('1', StateFormat.MaxVersionChars)}}"}""", out _));
        Assert.Null(Parse($$"""{"format":1,"written_by":"{{new string('1', StateFormat.MaxVersionChars + 1)}}"}""", out _));
    }

    [Fact]
    public void Depth_and_bytes_that_are_no_text_are_told_and_do_no_harm()
    {
        Assert.Null(Parse($$"""{"format":1,"written_by":"1","more":{{new string('[', 2000)}}""", out _));
        Assert.Null(StateFormat.TryParse([.. "{\"format\":1,\"written_by\":\""u8, 0xff, .. "\"}"u8], out var fault));
        Assert.NotNull(fault);
    }

    [Fact]
    public void A_newer_format_is_refused_in_words_that_say_what_to_do()
    {
        Assert.Null(new StateFormat(StateFormat.Current, "9.0.0").RefusalFor("/var/lib/strata"));
        Assert.Equal(
            $"the state in /var/lib/strata has format 3, written by Strata 9.0.0; this is Strata {StrataVersion.Current}, which knows formats up to 1. "
            + "Nothing was changed. Install Strata 9.0.0 or newer, or restore a backup of the state that was made with this version",
            new StateFormat(3, "9.0.0").RefusalFor("/var/lib/strata", 1));
    }

    private static StateFormat? Parse(string text, out string? fault) => StateFormat.TryParse(Encoding.UTF8.GetBytes(text), out fault);
}
