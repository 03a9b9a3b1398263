using System.CommandLine;
using Strata.Contracts;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Manual;
using Strata.StrataCtl.Output;

namespace Strata.StrataCtl.Commands;

/// <summary><c>man</c>: the manual pages, made of the command tree and of the manifests' fields.</summary>
internal static class ManCommand
{
    public static Command Create(Cli cli)
    {
        var words = new Argument<string[]>("COMMAND")
        {
            Description = $"A command, such as svc why; without one strata-ctl itself. {ManifestPage.Name} is the page of manifests",
            HelpName = "COMMAND",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var to = new Option<string?>("--to") { Description = "Write all pages into DIR/man1 and DIR/man5 instead", HelpName = "DIR" };
        return cli.Command(
            "man", "Prints a manual page.", [words, to], ["strata-ctl man svc why | man -l -", "strata-ctl man --to /usr/local/share/man"],
            (session, parsed, _) =>
            {
                var root = parsed.RootCommandResult.Command;
                var pages = new CommandPages(cli, StrataVersion.Current);
                var asked = parsed.GetValue(words) ?? [];
                if (parsed.GetValue(to) is not { } directory)
                {
                    session.Out.Raw(Find(pages, root, asked).Text);
                }
                else if (asked.Length > 0)
                {
                    throw new UsageException("--to writes every page; leave the command out");
                }
                else
                {
                    Write(session.Out, [.. pages.All(root, []), ManifestPage.Of(StrataVersion.Current)], directory);
                }

                return Task.FromResult(ExitCode.Ok);
            });
    }

    private static ManualPage Find(CommandPages pages, Command root, string[] words)
    {
        if (words is [ManifestPage.Name])
        {
            return ManifestPage.Of(StrataVersion.Current);
        }

        var (command, above) = (root, new List<string>());
        foreach (var word in words)
        {
            above.Add(command.Name);
            command = command.Subcommands.FirstOrDefault(c => c.Name == word)
                ?? throw new UsageException($"there is no command {string.Join(' ', words)}; strata-ctl --help lists what there is");
        }

        return pages.Of(command, [.. above]);
    }

    private static void Write(OutputWriter output, IReadOnlyList<ManualPage> pages, string directory)
    {
        try
        {
            foreach (var page in pages)
            {
                var path = Path.Join(directory, page.Path);
                Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                File.WriteAllText(path, page.Text);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write below {directory}: {e.Message}");
        }

        output.Line($"{pages.Count} pages in {directory}");
    }
}
