using System.Text;

namespace Strata.StrataCtl.Output;

/// <summary>Lays rows out in aligned columns.</summary>
/// <param name="headings">A heading per column; one that starts with <c>&gt;</c> aligns its column to the right.</param>
internal sealed class Table(params string[] headings)
{
    private const string Gap = "  ";
    private readonly List<Cell[]> _rows = [];

    public void Add(params Cell[] cells)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(cells.Length, headings.Length);
        _rows.Add(cells);
    }

    public string Render(bool coloured)
    {
        Cell[] heading = [.. headings.Select(h => new Cell(h.TrimStart('>'), Tone.Heading))];
        var widths = new int[headings.Length];
        foreach (var row in _rows.Prepend(heading))
        {
            for (var i = 0; i < row.Length; i++)
            {
                widths[i] = Math.Max(widths[i], DisplayWidth.Of(row[i].Text));
            }
        }

        var text = new StringBuilder();
        foreach (var row in _rows.Prepend(heading))
        {
            AppendRow(text, row, widths, coloured);
        }

        return text.ToString();
    }

    /// <summary>Name and value pairs, one a line, without a heading.</summary>
    public static string RenderFields(IReadOnlyList<(string Name, Cell Value)> fields, bool coloured)
    {
        var width = fields.Count == 0 ? 0 : fields.Max(f => f.Name.Length);
        var text = new StringBuilder();
        foreach (var (name, value) in fields)
        {
            text.Append(Tones.Paint(name, Tone.Faint, coloured)).Append(' ', width - name.Length).Append(Gap)
                .Append(Tones.Paint(value.Text, value.Tone, coloured)).Append('\n');
        }

        return text.ToString();
    }

    private void AppendRow(StringBuilder text, Cell[] row, int[] widths, bool coloured)
    {
        var start = text.Length;
        for (var i = 0; i < row.Length; i++)
        {
            var padding = widths[i] - DisplayWidth.Of(row[i].Text);
            var right = headings[i].StartsWith('>');
            text.Append(' ', right ? padding : 0).Append(Tones.Paint(row[i].Text, row[i].Tone, coloured)).Append(' ', right ? 0 : padding).Append(Gap);
        }

        while (text.Length > start && text[^1] == ' ')
        {
            text.Length--;
        }

        text.Append('\n');
    }
}
