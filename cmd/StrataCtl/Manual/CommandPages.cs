using System.CommandLine;
using Strata.StrataCtl.CommandLine;

namespace Strata.StrataCtl.Manual;

/// <summary>A page for each command, made of what the command line itself knows, so that the two cannot disagree.</summary>
/// <param name="cli">Knows the examples.</param>
/// <param name="version">Of the programs.</param>
internal sealed class CommandPages(Cli cli, string version)
{
    private const string Program = "strata-ctl";

    private static readonly (string Code, string Meaning)[] ExitCodes =
    [
        ("0", "done"),
        ("1", "the service answered with an error, or the answer is no"),
        ("2", "the command line, or a file it names, is wrong"),
        ("3", "the service cannot be reached, or did not answer in time"),
        ("130", "ended by SIGINT or SIGTERM"),
        ("141", "the reader of standard output went away"),
    ];

    private static readonly (string Name, string Meaning)[] Variables =
    [
        ("STRATA_RUNTIME_DIR", "where the node's sockets are, /run/strata by default"),
        ("STRATA_CONFIG_DIR", "where its manifests are, /etc/strata by default"),
        ("STRATA_TOKEN", "the capability to call with"),
        ("STRATA_TOKEN_FILE", "a file that holds it"),
        ("STRATA_HOLDER_KEY_FILE", "a file with the key that the capability is bound to"),
        ("STRATA_COMPLETION_TIMEOUT", "how long completion may ask the node for names, 700ms by default"),
        ("NO_COLOR", "no colours when it is set"),
    ];

    /// <summary>The pages of a command and of all below it.</summary>
    public IEnumerable<ManualPage> All(Command command, string[] above) =>
        command.Subcommands.Where(c => !c.Hidden).SelectMany(c => All(c, [.. above, command.Name])).Prepend(Of(command, above));

    /// <summary>The page of one command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="above">Names of the commands it belongs to, the program's first; empty for the program itself.</param>
    public ManualPage Of(Command command, string[] above)
    {
        string[] words = above.Length == 0 ? [Program] : [Program, .. above[1..], command.Name];
        var name = string.Join('-', words);
        var page = new Roff(name, 1, version);
        page.Section("NAME").Line(Roff.Plain(name), " \\- ", Roff.Plain(command.Description ?? ""));
        page.Section("SYNOPSIS").Line(Synopsis(command, words));
        Symbols(page, command);
        Commands(page, command, name);
        page.Section("EXAMPLES").Verbatim(cli.ExamplesOf(command));
        if (above.Length == 0)
        {
            Entries(page, "EXIT STATUS", ExitCodes);
            Entries(page, "ENVIRONMENT", Variables);
        }

        var others = command.Subcommands.Where(c => !c.Hidden).Select(c => $"{name}-{c.Name}").Concat(above.Length == 0 ? ["supervisor", "strata-exec", "strata.service.json"] : [string.Join('-', words[..^1])]);
        page.Section("SEE ALSO").Line(string.Join(",\n", others.Select(other => $"{Roff.Bold(other)}({SectionOf(other)})")));
        return new ManualPage(name, 1, page.ToString());
    }

    private static int SectionOf(string page) => page switch { "supervisor" => 8, "strata.service.json" => 5, _ => 1 };

    private static string Synopsis(Command command, string[] words)
    {
        var parts = new List<string> { Roff.Bold(string.Join(' ', words)) };
        parts.AddRange(command.Subcommands.Count > 0 ? [Roff.Italic("COMMAND")] : []);
        parts.AddRange(command.Options.Any(o => !o.Hidden) ? [$"[{Roff.Italic("OPTION")}]..."] : []);
        foreach (var argument in command.Arguments.Where(a => !a.Hidden))
        {
            var shown = Roff.Italic(argument.HelpName ?? argument.Name) + (argument.Arity.MaximumNumberOfValues > 1 ? "..." : "");
            parts.Add(argument.Arity.MinimumNumberOfValues == 0 ? $"[{shown}]" : shown);
        }

        return string.Join(' ', parts);
    }

    private static void Symbols(Roff page, Command command)
    {
        var arguments = command.Arguments.Where(a => !a.Hidden).ToList();
        if (arguments.Count > 0)
        {
            page.Section("ARGUMENTS");
            arguments.ForEach(a => page.Entry(Roff.Italic(a.HelpName ?? a.Name), a.Description ?? ""));
        }

        var options = command.Options.Where(o => !o.Hidden).ToList();
        if (options.Count > 0)
        {
            page.Section("OPTIONS");
            options.ForEach(o => page.Entry(TermOf(o), o.Description ?? ""));
        }

        if (command is not RootCommand)
        {
            page.Paragraph("The options of ", Roff.Bold(Program), "(1) are taken by every command.");
        }
    }

    private static string TermOf(Option option)
    {
        var names = option.Aliases.Where(a => a[0] == '-').OrderBy(a => a.Length).Append(option.Name).Distinct().Select(Roff.Bold);
        var value = option.Arity.MaximumNumberOfValues > 0 && option.ValueType != typeof(bool) ? " " + Roff.Italic(option.HelpName ?? "VALUE") : "";
        return string.Join(", ", names) + value;
    }

    private static void Commands(Roff page, Command command, string name)
    {
        if (command.Subcommands.Count > 0)
        {
            page.Section("COMMANDS");
            foreach (var inner in command.Subcommands.Where(c => !c.Hidden))
            {
                page.Entry($"{Roff.Bold($"{name}-{inner.Name}")}(1)", inner.Description ?? "");
            }
        }
    }

    private static void Entries(Roff page, string section, (string Term, string Meaning)[] entries)
    {
        page.Section(section);
        foreach (var (term, meaning) in entries)
        {
            page.Entry(Roff.Bold(term), meaning);
        }
    }
}
