using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using System.Text;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Completion;

/// <summary>What the completion scripts call: the words so far in, one candidate a line out.</summary>
internal static class CompletionCandidates
{
    /// <summary>The hidden first word.</summary>
    public const string CommandName = "__complete";

    public static int Print(ReadOnlySpan<string> words, Surroundings around)
    {
        // A method is also a command by itself; only its name tells, so it is completed from the first word on.
        var lines = string.Concat(Find(words.ToArray(), around).Select(c => c + "\n"));
        around.Stdout.Write(Encoding.UTF8.GetBytes(lines));
        return ExitCode.Ok;
    }

    /// <summary>Candidates for the last word; options only once the word begins like one.</summary>
    public static IReadOnlyList<string> Find(string[] words, Surroundings around)
    {
        string[] given = words.Length == 0 ? [""] : words;
        var word = given[^1];
        var root = CommandTree.Build(around);
        var parsed = CommandTree.Parse(root, given);
        var awaiting = given.Length > 1 ? OptionThatTakes(parsed, given[^2]) : null;
        var candidates = (awaiting is null ? parsed.GetCompletions() : awaiting.GetCompletions(parsed.GetCompletionContext())).Select(c => c.Label);
        if (given.Length == 1 && word.Contains('.'))
        {
            candidates = candidates.Concat(NodeNames.Methods(SocketResolver.RuntimeDirectory(null, around), around));
        }

        return [.. candidates.Where(c => Fits(c, word)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    /// <summary>The option whose value the word after <paramref name="name"/> is; null when there is none.</summary>
    private static Option? OptionThatTakes(ParseResult parsed, string name)
    {
        for (var at = parsed.CommandResult; at is not null; at = at.Parent as CommandResult)
        {
            if (at.Command.Options.FirstOrDefault(o => o.Name == name || o.Aliases.Contains(name)) is { } option)
            {
                return option is Option<bool> or HelpOption or VersionOption ? null : option;
            }
        }

        return null;
    }

    private static bool Fits(string candidate, string word) =>
        candidate.StartsWith(word, StringComparison.Ordinal)
        && !candidate.StartsWith('/')
        && candidate != "-?"
        && (word.StartsWith('-') || !candidate.StartsWith('-'));
}
