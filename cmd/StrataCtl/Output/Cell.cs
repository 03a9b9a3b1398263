using System.Globalization;

namespace Strata.StrataCtl.Output;

/// <summary>One cell of a table; its text is made safe for a terminal on the way in.</summary>
internal readonly record struct Cell
{
    public Cell(string? text, Tone tone = Tone.Plain) => (Text, Tone) = (SafeText.Of(text ?? ""), tone);

    public string Text { get; }

    public Tone Tone { get; }

    public static implicit operator Cell(string? text) => new(text);

    public static implicit operator Cell(long number) => new(number.ToString(CultureInfo.InvariantCulture));
}
