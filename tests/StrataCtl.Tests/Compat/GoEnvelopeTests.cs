using System.Text;
using Strata.StrataCtl.Compat;

namespace Strata.StrataCtl.Tests.Compat;

public class GoEnvelopeTests
{
    private static string Render(string payload, bool terminal = false) =>
        Encoding.UTF8.GetString(GoEnvelope.Render(Encoding.UTF8.GetBytes(payload), terminal, out _));

    [Fact]
    public void A_result_is_indented_by_two_with_members_in_byte_order() => Assert.Equal(
        """
        {
          "v": 1,
          "req_id": "a1",
          "ok": true,
          "result": {
            "cap_id": "c",
            "expires": 1700000000,
            "token": "t"
          }
        }

        """,
        Render("""{"v":1,"req_id":"a1","ok":true,"result":{"token":"t","cap_id":"c","expires":1700000000}}"""));

    [Fact]
    public void An_error_keeps_its_fixed_members_and_leaves_out_empty_details() => Assert.Equal(
        """
        {
          "v": 1,
          "req_id": "a1",
          "ok": false,
          "error": {
            "code": 3,
            "name": "PERMISSION_DENIED",
            "message": "no"
          }
        }

        """,
        Render("""{"ok":false,"error":{"message":"no","details":{},"name":"PERMISSION_DENIED","code":3},"v":1,"req_id":"a1"}"""));

    [Fact]
    public void Details_are_shown_when_there_are_any() => Assert.Contains(
        """
            "details": {
              "field": "path",
              "reason": "invalid_path"
            }
        """,
        Render("""{"v":1,"req_id":"x","ok":false,"error":{"code":1,"name":"N","message":"m","details":{"reason":"invalid_path","field":"path"}}}"""));

    [Theory]
    [InlineData("{}", "{}")]
    [InlineData("[]", "[]")]
    [InlineData("{\"a\":{},\"b\":[]}", "{\n    \"a\": {},\n    \"b\": []\n  }")]
    [InlineData("[1,[2]]", "[\n    1,\n    [\n      2\n    ]\n  ]")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("1.50", "1.50")]
    [InlineData("false", "false")]
    [InlineData("{\"a\":1,\"a\":2}", "{\n    \"a\": 2\n  }")]
    [InlineData("{\"b\":null}", "{\n    \"b\": null\n  }")]
    public void A_value_is_written_as_go_writes_it(string result, string expected) => Assert.Equal(
        $"{{\n  \"v\": 1,\n  \"req_id\": \"r\",\n  \"ok\": true,\n  \"result\": {expected}\n}}\n",
        Render($$"""{"v":1,"req_id":"r","ok":true,"result":{{result}}}"""));

    [Theory]
    [InlineData("<a href=\\\"x\\\">&", "\\u003ca href=\\\"x\\\"\\u003e\\u0026")]
    [InlineData("\\u2028\\u2029", "\\u2028\\u2029")]
    [InlineData("\\u0000\\u001b\\b\\f\\n\\r\\t", "\\u0000\\u001b\\b\\f\\n\\r\\t")]
    [InlineData("\\/\\\\", "/\\\\")]
    [InlineData("\\u00e9\\ud83d\\ude00", "é😀")]
    [InlineData("\\ud800x", "\ufffdx")]
    [InlineData("\\u007f\\u009b", "\u007f\u009b")]
    public void A_string_is_escaped_as_go_escapes_it(string sent, string expected) =>
        Assert.Contains($"\"result\": \"{expected}\"\n", Render($$"""{"v":1,"req_id":"r","ok":true,"result":"{{sent}}"}"""), StringComparison.Ordinal);

    [Fact]
    public void Member_names_sort_by_their_utf8_bytes() => Assert.Matches(
        "(?s)\"Z\".*\"a\".*\"\uff5e\".*\"\U0001F600\"", Render("{\"v\":1,\"req_id\":\"r\",\"ok\":true,\"result\":{\"\U0001F600\":1,\"\uff5e\":2,\"a\":3,\"Z\":4}}"));

    [Fact]
    public void A_terminal_gets_no_control_character_of_any_kind() => Assert.DoesNotContain(
        Render("""{"v":1,"req_id":"r","ok":true,"result":"\u009b31m\u007f\u202e"}""", terminal: true), c => c != '\n' && (char.IsControl(c) || c == '\u202e'));

    [Fact]
    public void Null_results_and_unknown_members_are_left_out() => Assert.Equal(
        "{\n  \"v\": 1,\n  \"req_id\": \"r\",\n  \"ok\": true\n}\n",
        Render("""{"v":1,"req_id":"r","ok":true,"continues":true,"result":null,"more":1}"""));
}
