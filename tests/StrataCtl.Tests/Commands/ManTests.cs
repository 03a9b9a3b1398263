using System.CommandLine;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Manual;
using Strata.StrataCtl.Tests.Fakes;
using Strata.Supervision;

namespace Strata.StrataCtl.Tests.Commands;

public class ManTests
{
    [Fact]
    public async Task Every_command_and_the_manifests_have_a_page_that_names_all_there_is()
    {
        await using var node = new FakeNode();
        using var directory = new TempDirectory();
        var run = await CtlRun.Of(node, "man", "--to", directory.Path);
        Assert.Equal((0, ""), (run.Code, run.Error));

        var root = CommandTree.Build(Surroundings.OfThisProcess());
        foreach (var (command, path) in Commands(root, []))
        {
            var name = string.Join('-', ["strata-ctl", .. path]);
            var page = await File.ReadAllTextAsync(Path.Join(directory.Path, "man1", name + ".1"));
            Assert.Contains(Roff.Plain(name) + " \\- " + Roff.Plain(command.Description!), page, StringComparison.Ordinal);
            Assert.All(command.Options.Where(o => !o.Hidden), o => Assert.Contains(Roff.Bold(o.Name), page, StringComparison.Ordinal));
            Assert.All(command.Arguments, a => Assert.Contains(Roff.Plain(a.Description!), page, StringComparison.Ordinal));
            Assert.All(command.Subcommands, c => Assert.Contains(Roff.Bold($"{name}-{c.Name}") + "(1)", page, StringComparison.Ordinal));
            Assert.Equal(page, (await CtlRun.Of(node, ["man", .. path])).Output);
        }

        var manifest = await File.ReadAllTextAsync(Path.Join(directory.Path, "man5", "strata.service.json.5"));
        Assert.All(ManifestSchema.Fields(), f => Assert.Contains(Roff.Bold(f.Path) + "\n" + Roff.Plain(f.Description), manifest, StringComparison.Ordinal));
        Assert.Equal(Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories).Count(), Commands(root, []).Count() + 1);
        Sound(Directory.EnumerateFiles(directory.Path, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Pages_that_are_written_by_hand_say_what_the_documents_say()
    {
        Sound(Directory.EnumerateFiles(Checkout.At("docs/man")));
        var supervisor = Checkout.Read("docs/man/supervisor.8");
        var configuration = Checkout.Read("docs/configuration.md");
        foreach (Match row in Regex.Matches(configuration, @"^\| (`STRATA_[^|]*) \| ([^|]*) \|", RegexOptions.Multiline))
        {
            if (row.Groups[2].Value is "all" || row.Groups[2].Value.Contains("supervisor", StringComparison.Ordinal))
            {
                Assert.All(Regex.Matches(row.Groups[1].Value, "STRATA_[A-Z_]+"), v => Assert.Contains(v.Value, supervisor, StringComparison.Ordinal));
            }
        }

        var codes = configuration.Split("## The supervisor's exit codes")[1].Split("## ")[0];
        Assert.All(Regex.Matches(codes, @"^\| (\d+) \|", RegexOptions.Multiline), c => Assert.Contains($".TP\n.B {c.Groups[1].Value}\n", supervisor, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData(".SH evil", "\\&.SH evil")]
    [InlineData("'ds", "\\&\\(aqds")]
    [InlineData("a\\fBb", "a\\(rsfBb")]
    [InlineData("--wide \"x\" ~^`", "\\-\\-wide \\(dqx\\(dq \\(ti\\(ha\\(ga")]
    [InlineData("a\nb\u00e9\U0001F600", "a b\\[u00E9]\\[u1F600]")]
    public void Text_is_never_taken_for_a_request(string text, string expected) => Assert.Equal(expected, Roff.Plain(text));

    [Fact]
    public async Task A_page_of_nothing_is_a_usage_error()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "man", "svc", "frobnicate");
        Assert.Equal((2, "error: there is no command svc frobnicate; strata-ctl --help lists what there is\n"), (run.Code, run.Error));
        Assert.Equal(2, (await CtlRun.Of(node, "man", "--to", "/proc/nowhere")).Code);
        Assert.Equal(2, (await CtlRun.Of(node, "man", "--to", "/tmp", "svc")).Code);
    }

    /// <summary>Every line is text or a request that is known, escapes are closed, and groff has nothing to warn of where it is installed.</summary>
    private static void Sound(IEnumerable<string> files)
    {
        var request = new Regex(@"^\.(TH|SH|PP|TP|RS|RE|nf|fi|nh|ad|B|I|BR|IR)( |$)");
        var escape = new Regex(@"\\(?!fB|fI|fR|\(rs|\(aq|\(ga|\(ha|\(ti|\(dq|-|&|\[u[0-9A-F]{4,6}\])");
        foreach (var file in files)
        {
            var lines = File.ReadAllLines(file);
            Assert.StartsWith(".TH ", lines[0], StringComparison.Ordinal);
            Assert.All(lines, line => Assert.True(line.Length > 0 && line[0] != '\'' && (line[0] != '.' || request.IsMatch(line)) && !escape.IsMatch(line), $"{file}: {line}"));
            if (File.Exists("/usr/bin/groff"))
            {
                using var groff = Process.Start(new ProcessStartInfo("/usr/bin/groff", ["-man", "-Tutf8", "-ww", "-z", file]) { RedirectStandardError = true })!;
                var said = groff.StandardError.ReadToEnd();
                groff.WaitForExit();
                Assert.True(groff.ExitCode == 0 && said.Length == 0, said);
            }
        }
    }

    private static IEnumerable<(Command Command, string[] Path)> Commands(Command command, string[] path) =>
        command.Subcommands.SelectMany(c => Commands(c, [.. path, c.Name])).Prepend((command, path));
}
