namespace Strata.Supervision;

/// <summary>Text from a file as a fault may show it: short, and without characters that a terminal obeys.</summary>
internal static class Shown
{
    private const int MaxChars = 120;

    internal static string Text(string? text)
    {
        var clean = string.Concat((text ?? "").Take(MaxChars).Select(c => char.IsControl(c) || char.GetUnicodeCategory(c) == System.Globalization.UnicodeCategory.Format ? '?' : c));
        return text?.Length > MaxChars ? clean + "…" : clean;
    }
}
