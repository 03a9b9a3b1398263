using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Tests.Output;

public class SafeTextTests
{
    [Theory]
    [InlineData("plain.txt", "plain.txt")]
    [InlineData("déjà-vu 文書 😀", "déjà-vu 文書 😀")]
    [InlineData("\e[2J\e]0;owned\a", "\\x1b[2J\\x1b]0;owned\\x07")]
    [InlineData("a\nb\rc\td", "a\\nb\\rc\\td")]
    [InlineData("\u009b31m\u007f", "\\x9b31m\\x7f")]
    [InlineData("exe\u202egpj", "exe\\u{202e}gpj")]
    [InlineData("a\u2028b\u200bc", "a\\u{2028}b\\u{200b}c")]
    public void Whatever_could_move_a_terminal_is_shown_as_an_escape(string text, string shown) => Assert.Equal(shown, SafeText.Of(text));

    [Fact]
    public void Half_a_surrogate_pair_becomes_a_replacement_character() => Assert.Equal("a\ufffdb", SafeText.Of("a\ud800b"));

    [Fact]
    public void No_character_at_all_gets_a_control_through()
    {
        for (var value = 0; value < 0x3000; value++)
        {
            Assert.DoesNotContain(SafeText.Of($"<{(char)value}>"), char.IsControl);
        }
    }
}
