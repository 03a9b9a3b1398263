using System.Text;

namespace Strata.Supervision.Tests;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData("a\nb\n", "a|b")]
    [InlineData("a\nb", "a|b")]
    [InlineData("\n\n", "|")]
    [InlineData("", "")]
    [InlineData("a\r\n", "a")]
    public void Lines_are_cut_at_newlines_and_the_end_ends_the_last(string printed, string lines) =>
        Assert.Equal(lines, string.Join('|', Split(Encoding.UTF8.GetBytes(printed), printed.Length + 1).Select(l => l.Text)));

    [Theory]
    [InlineData(LineSplitter.MaxLineBytes, false)]
    [InlineData(LineSplitter.MaxLineBytes + 1, true)]
    public void A_line_at_the_limit_is_whole_and_one_past_it_is_cut(int length, bool cut)
    {
        var lines = Split(Encoding.UTF8.GetBytes(new string('x', length) + "\nnext\n"), 1000);
        Assert.Equal(2, lines.Count);
        Assert.Equal((new string('x', LineSplitter.MaxLineBytes), cut), lines[0]);
        Assert.Equal(("next", false), lines[1]);
    }

    [Fact]
    public void A_line_that_never_ends_is_given_once_and_holds_no_memory()
    {
        var splitter = new LineSplitter();
        var given = 0;
        for (var i = 0; i < 1000; i++)
        {
            splitter.Feed(new byte[1000], (_, cut) => given += cut ? 1 : 100);
            Assert.True(splitter.HeldBytes <= LineSplitter.MaxLineBytes);
        }

        splitter.End((_, _) => given += 1000);
        Assert.Equal(1, given);
    }

    [Fact]
    public void The_end_of_a_stream_within_a_line_that_is_dropped_lets_the_next_begin_afresh()
    {
        var splitter = new LineSplitter();
        var lines = new List<string>();
        splitter.Feed(new byte[LineSplitter.MaxLineBytes + 1], (_, _) => { });
        splitter.End(Take);
        splitter.Feed("next\n"u8, Take);
        Assert.Equal(["next"], lines);

        void Take(ReadOnlySpan<byte> line, bool cut) => lines.Add(LineText.Of(line, cut));
    }

    [Fact]
    public void However_the_bytes_arrive_the_lines_are_the_same()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var printed = new byte[random.Next(40_000)];
            random.NextBytes(printed);
            var share = random.Next(2, 20_000);
            for (var i = 0; i < printed.Length; i++)
            {
                printed[i] = random.Next(share) == 0 ? (byte)'\n' : printed[i] == (byte)'\n' ? (byte)'.' : printed[i];
            }

            var expected = Reference(printed);
            Assert.Equal(expected, Split(printed, printed.Length + 1));
            Assert.Equal(expected, Split(printed, seed % 7 == 0 ? 1 : 5000, random));
        }
    }

    [Fact]
    public void What_is_not_utf8_is_replaced_and_a_cut_never_halves_a_character()
    {
        Assert.Equal("a\uFFFDb", LineText.Of([(byte)'a', 0xFF, (byte)'b'], cut: false));
        Assert.Equal("a\uFFFD", LineText.Of([(byte)'a', 0xE2, 0x82], cut: false));
        Assert.Equal("a", LineText.Of([(byte)'a', 0xE2, 0x82], cut: true));
        Assert.Equal("a€", LineText.Of([(byte)'a', 0xE2, 0x82, 0xAC], cut: true));
        Assert.Equal("a\uFFFD", LineText.Of([(byte)'a', 0x80], cut: true));
        Assert.Equal("a\0\e[31m", LineText.Of("a\0\e[31m"u8, cut: false));
        Assert.Equal("", LineText.Of([], cut: true));
        Assert.Equal("a", LineText.Of([(byte)'a', 0xE2], cut: true));
        Assert.Equal("", LineText.Of([0xE2], cut: true));
        Assert.Equal("a", LineText.Of([(byte)'a', 0xF0, 0x9F, 0x91], cut: true));
    }

    private static List<(string Text, bool Cut)> Split(byte[] printed, int maxChunk, Random? random = null)
    {
        var splitter = new LineSplitter();
        var lines = new List<(string, bool)>();
        for (var at = 0; at < printed.Length;)
        {
            var chunk = Math.Min(printed.Length - at, random?.Next(1, maxChunk + 1) ?? maxChunk);
            splitter.Feed(printed.AsSpan(at, chunk), Take);
            at += chunk;
        }

        splitter.End(Take);
        return lines;

        void Take(ReadOnlySpan<byte> line, bool cut) => lines.Add((LineText.Of(line, cut), cut));
    }

    private static List<(string Text, bool Cut)> Reference(byte[] printed)
    {
        var lines = new List<(string, bool)>();
        for (var from = 0; from < printed.Length;)
        {
            var end = Array.IndexOf(printed, (byte)'\n', from);
            end = end < 0 ? printed.Length : end;
            var cut = end - from > LineSplitter.MaxLineBytes;
            lines.Add((LineText.Of(printed.AsSpan(from, cut ? LineSplitter.MaxLineBytes : end - from), cut), cut));
            from = end + 1;
        }

        return lines;
    }
}
