using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Tests.Output;

public class TableTests
{
    [Fact]
    public void Columns_align_by_what_a_terminal_shows()
    {
        var table = new Table("NAME", ">SIZE", "KIND");
        table.Add("a", 5, "file");
        table.Add("文書", 12345, "dir");
        Assert.Equal("NAME   SIZE  KIND\na         5  file\n文書  12345  dir\n", table.Render(coloured: false));
    }

    [Fact]
    public void Colours_do_not_disturb_the_alignment()
    {
        var table = new Table("A", "B");
        table.Add(new Cell("x", Tone.Good), "y");
        table.Add("long", "z");
        var plain = System.Text.RegularExpressions.Regex.Replace(table.Render(coloured: true), "\e\\[[0-9]*m", "");
        Assert.Equal(table.Render(coloured: false), plain);
    }

    [Fact]
    public void A_hostile_cell_stays_on_its_line()
    {
        var table = new Table("NAME");
        table.Add("x\n\e[31mroot");
        Assert.Equal("NAME\nx\\n\\x1b[31mroot\n", table.Render(coloured: true).Replace("\e[1m", "", StringComparison.Ordinal).Replace("\e[0m", "", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("abc", 3)]
    [InlineData("e\u0301", 1)]
    [InlineData("文", 2)]
    [InlineData("😀", 2)]
    public void Width_counts_columns_not_characters(string text, int columns) => Assert.Equal(columns, DisplayWidth.Of(text));
}
