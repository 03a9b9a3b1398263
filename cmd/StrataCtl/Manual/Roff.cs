using System.Globalization;
using System.Text;

namespace Strata.StrataCtl.Manual;

/// <summary>Writes a manual page in the man(7) macros, with every character that roff would take for its own escaped.</summary>
internal sealed class Roff
{
    private readonly StringBuilder _text = new();

    /// <param name="title">Name of the page.</param>
    /// <param name="section">Its section, 1 to 8.</param>
    /// <param name="version">Of the programs.</param>
    public Roff(string title, int section, string version) =>
        _text.Append(CultureInfo.InvariantCulture, $".TH {Quoted(title.ToUpperInvariant())} {section} \"\" {Quoted("Strata " + version)} \"Strata Manual\"\n.nh\n.ad l\n");

    public override string ToString() => _text.ToString();

    public Roff Section(string name)
    {
        _text.Append(CultureInfo.InvariantCulture, $".SH {Quoted(name)}\n");
        return this;
    }

    public Roff Paragraph(params ReadOnlySpan<string> escaped)
    {
        _text.Append(".PP\n");
        return Line(escaped);
    }

    /// <summary>A term, and what is said about it.</summary>
    public Roff Entry(string escapedTerm, string plain)
    {
        _text.Append(CultureInfo.InvariantCulture, $".TP\n{escapedTerm}\n");
        return Line(Plain(plain));
    }

    /// <summary>Lines as they are, in a fixed width.</summary>
    public Roff Verbatim(IEnumerable<string> lines)
    {
        _text.Append(".PP\n.nf\n.RS\n");
        foreach (var line in lines)
        {
            Line(Plain(line));
        }

        _text.Append(".RE\n.fi\n");
        return this;
    }

    public Roff Line(params ReadOnlySpan<string> escaped)
    {
        foreach (var part in escaped)
        {
            _text.Append(part);
        }

        _text.Append('\n');
        return this;
    }

    public static string Bold(string plain) => $"\\fB{Plain(plain)}\\fR";

    public static string Italic(string plain) => $"\\fI{Plain(plain)}\\fR";

    /// <summary>Text that is printed as it is, wherever in a line it stands.</summary>
    public static string Plain(string text)
    {
        var result = new StringBuilder(text.Length + 8);
        // At the start of a line a full stop or an apostrophe would be a request.
        result.Append(text is ['.' or '\'', ..] ? "\\&" : "");
        foreach (var rune in text.EnumerateRunes())
        {
            result.Append(rune.Value switch
            {
                '\\' => "\\(rs",
                '-' => "\\-",
                '\'' => "\\(aq",
                '`' => "\\(ga",
                '^' => "\\(ha",
                '~' => "\\(ti",
                '"' => "\\(dq",
                < ' ' => " ",
                < 127 => ((char)rune.Value).ToString(),
                _ => string.Create(CultureInfo.InvariantCulture, $"\\[u{rune.Value:X4}]"),
            });
        }

        return result.ToString();
    }

    private static string Quoted(string plain) => $"\"{Plain(plain)}\"";
}
