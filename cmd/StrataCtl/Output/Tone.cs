namespace Strata.StrataCtl.Output;

/// <summary>What a piece of text means; on a coloured terminal its colour.</summary>
internal enum Tone
{
    Plain,
    Good,
    Warning,
    Bad,
    Faint,
    Heading,
}

/// <summary>Turns tones into terminal sequences.</summary>
internal static class Tones
{
    public static string Paint(string text, Tone tone, bool coloured)
    {
        var code = tone switch
        {
            Tone.Good => "32",
            Tone.Warning => "33",
            Tone.Bad => "31",
            Tone.Faint => "2",
            Tone.Heading => "1",
            _ => null,
        };
        return coloured && code is not null && text.Length > 0 ? $"\e[{code}m{text}\e[0m" : text;
    }
}
