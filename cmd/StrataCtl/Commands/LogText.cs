using System.Text;
using Strata.Contracts;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary>One line of a log for people: when, who, what. The columns are fixed, since the next line is not known yet.</summary>
internal static class LogText
{
    private const int ServiceColumns = 12;

    // Green, yellow and red mean something elsewhere; these tell services apart and nothing more.
    private static readonly string[] Colours = ["36", "35", "34", "96", "95", "94"];

    public static string Of(LogEntry line, bool coloured)
    {
        var text = new StringBuilder();
        text.Append(Tones.Paint(SafeText.Of(line.Time), Tone.Faint, coloured)).Append(' ');
        var name = SafeText.Of(line.Service);
        text.Append(coloured ? $"\e[{ColourOf(name)}m{name}\e[0m" : name).Append(' ', Math.Max(0, ServiceColumns - DisplayWidth.Of(name)) + 1);
        text.Append(Tones.Paint(SafeText.Of(Words(line)), ToneOf(line), coloured));
        return text.Append(line.Cut == true ? " [cut]\n" : "\n").ToString();
    }

    /// <summary>A structured line says in its message what the rest of it only repeats.</summary>
    private static string Words(LogEntry line)
    {
        if (line.Fields is not { } fields || !fields.TryGetValue("msg", out var message))
        {
            return line.Stream == "note" ? $"-- {line.Text} --" : line.Text;
        }

        return fields.TryGetValue("exception", out var exception) ? $"{message}: {exception}" : message;
    }

    private static Tone ToneOf(LogEntry line) => line.Stream == "note" ? Tone.Warning : line.Fields?.GetValueOrDefault("level") switch
    {
        "error" or "critical" => Tone.Bad,
        "warn" => Tone.Warning,
        "debug" or "trace" => Tone.Faint,
        _ => Tone.Plain,
    };

    /// <summary>The same for a name every time, whatever else is shown.</summary>
    private static string ColourOf(string name) => Colours[name.Aggregate(7u, (sum, c) => unchecked((sum * 31) + c)) % Colours.Length];
}
