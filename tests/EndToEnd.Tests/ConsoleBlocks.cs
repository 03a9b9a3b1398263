using System.Text;
using System.Text.RegularExpressions;

namespace Strata.EndToEnd.Tests;

/// <summary>One command of a document and the output it promises.</summary>
/// <param name="Line">Line of the command in the document, from 1.</param>
/// <param name="Text">The command, continuation lines joined.</param>
/// <param name="Expected">The output shown; <c>…</c> stands for anything within a line, a line of <c>…</c> alone for any lines.</param>
internal sealed record ShownCommand(int Line, string Text, IReadOnlyList<string> Expected)
{
    /// <summary>Whether an output is what the document shows, up to its ellipses and trailing blanks.</summary>
    internal bool Matches(string output)
    {
        var pattern = new StringBuilder(@"\A");
        foreach (var line in Expected)
        {
            if (line.Trim() == "…")
            {
                pattern.Append(@"(?:[^\n]*\n)*?");
                continue;
            }

            // Runs of blanks are a table's padding, which follows the longest value.
            var parts = Regex.Split(line.TrimEnd(), @"(…| {2,})");
            pattern.AppendJoin("", parts.Select(p => p == "…" ? @"[^\n]*" : p.Length >= 2 && p.Trim().Length == 0 ? " +" : Regex.Escape(p))).Append(@" *\n");
        }

        return Regex.IsMatch(output.Length > 0 && !output.EndsWith('\n') ? output + "\n" : output, pattern.Append(@"\z").ToString());
    }
}

/// <summary>Reads the <c>console</c> blocks of a document: lines that begin with <c>$ </c> are commands, the others their output.</summary>
internal static class ConsoleBlocks
{
    internal static IReadOnlyList<ShownCommand> Of(string markdown)
    {
        var commands = new List<ShownCommand>();
        var inside = false;
        var lines = markdown.Split('\n');
        for (var i = 0; i < lines.Length; i++)
        {
            var line = lines[i];
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inside = line == "```console";
                continue;
            }

            if (!inside)
            {
                continue;
            }

            if (line.StartsWith("$ ", StringComparison.Ordinal))
            {
                var at = i;
                var text = line[2..];
                while (text.EndsWith('\\'))
                {
                    text = text[..^1] + lines[++i].TrimStart('>', ' ');
                }

                commands.Add(new ShownCommand(at + 1, text, []));
            }
            else
            {
                commands[^1] = commands[^1] with { Expected = [.. commands[^1].Expected, line] };
            }
        }

        return commands;
    }
}
