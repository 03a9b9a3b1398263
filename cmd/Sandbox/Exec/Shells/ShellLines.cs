using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>The lines that a session's shell is told, one command each. Pure.</summary>
/// <remarks>
/// The command itself never stands in them: it is in a file, so that nothing in it, an open quote above all, can swallow what follows. The report is a line
/// of its own: a shell that gave up the command's line, for an interrupt or an error, goes on with the next. Words that the user may have redefined are
/// called by <c>\builtin</c>, which passes over aliases and functions.
/// </remarks>
internal static class ShellLines
{
    /// <summary>The variable by which a command's processes are known, also when they have detached themselves.</summary>
    internal const string Mark = "SANDBOX_COMMAND";

    /// <summary>What a new shell is told first: jobs in process groups of their own, no history, no prompt, a report when it ends by itself.</summary>
    internal static string First(string path, long shell) =>
        "set -m +H +o history; shopt -u checkwinsize; unset HISTFILE MAILCHECK PROMPT_COMMAND; PS1= PS2=; "
        + $"trap -- '{Report(path, shell, ShellReport.OfExit).Replace("'", "'\\''", StringComparison.Ordinal)}' EXIT\n";

    /// <summary>Sets variables again that an earlier shell had.</summary>
    internal static string Restore(string path, long number) => $"\\builtin . {Name(path, 'v', number)} 2>/dev/null\n";

    /// <summary>Runs a command and tells how it went.</summary>
    /// <param name="path">The directory of pipes, inside.</param>
    /// <param name="shell">The shell's number, which its report pipe has.</param>
    /// <param name="number">The command's.</param>
    /// <param name="directory">Where to go first; null for nowhere.</param>
    /// <param name="variables">Its own variables; names are checked.</param>
    /// <param name="hasInput">Whether it has an input.</param>
    internal static string Command(string path, long shell, long number, string? directory, IReadOnlyDictionary<string, string>? variables, bool hasInput)
    {
        var line = new StringBuilder();
        // The output comes last: when it was never opened, nothing was run.
        var pipes = $"<{(hasInput ? Name(path, 'i', number) : "/dev/null")} 2>{Name(path, 'e', number)} >{Name(path, 'o', number)}";
        if (directory is not null)
        {
            line.Append("{ \\builtin cd -- ").Append(Quote(directory)).Append(" && ");
        }

        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            line.Append(name).Append('=').Append(Quote(value)).Append(' ');
        }

        line.Append(CultureInfo.InvariantCulture, $"{Mark}={number} \\builtin . ").Append(Name(path, 'c', number)).Append(directory is null ? " " : "; } ").Append(pipes).Append('\n');
        return line.Append(Report(path, shell, number)).Append('\n').ToString();
    }

    /// <summary>Tells once more how a command went: an interrupt may have hit the shell while it did.</summary>
    internal static string Again(string path, long shell, long number) => $"\n{Report(path, shell, number)}\n";

    /// <summary>A file or pipe of a command.</summary>
    internal static string NameOf(char kind, long number) => string.Create(CultureInfo.InvariantCulture, $"{kind}{number}");

    /// <summary>A text as one word of the shell.</summary>
    internal static string Quote(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Name(string path, char kind, long number) => $"{path}/{NameOf(kind, number)}";

    private static string Report(string path, long shell, long number) =>
        $"{{ \\builtin printf '\\0R{number.ToString(CultureInfo.InvariantCulture)}\\0%d\\0%s\\0' \"$?\" \"$PWD\"; \\builtin declare -px; \\builtin printf '\\0'; }} >{Name(path, 'r', shell)}";
}
