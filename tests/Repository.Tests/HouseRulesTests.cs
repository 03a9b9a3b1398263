using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Strata.Repository.Tests;

public sealed class HouseRulesTests
{
    private const int MaxFileLines = 400;

    [Fact]
    public void No_source_file_is_longer_than_400_lines()
    {
        foreach (var file in Repository.Files.Where(f => f.EndsWith(".cs", StringComparison.Ordinal)))
        {
            var lines = Checkout.Read(file).Count(c => c == '\n');
            Assert.True(lines <= MaxFileLines, $"{file} has {lines} lines; divide it");
        }
    }

    [Fact]
    public void Nothing_is_left_behind_in_the_code()
    {
        var marks = new Regex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X|NotImplemented" + @"Exception)\b|^\s*#" + "region", RegexOptions.Multiline);
        foreach (var file in Repository.Files.Where(IsText))
        {
            var match = marks.Match(Checkout.Read(file));
            Assert.False(match.Success, $"{file}: {match.Value}");
        }
    }

    [Fact]
    public void Nothing_names_a_package_registry_host_or_a_home_folder()
    {
        var hosts = new Regex(@"registry\.npmjs|api\.nuget\.org|deb\.debian\.org|(?<![\w.}])/ro" + @"ot/\w|/home/(?!you\b|alice\b|user\b)\w+/|/wo" + @"rk/\w");
        foreach (var file in Repository.Files.Where(IsText))
        {
            var match = hosts.Match(Checkout.Read(file));
            Assert.False(match.Success, $"{file}: {match.Value}");
        }
    }

    [Fact]
    public void Every_package_is_pinned_used_and_justified()
    {
        var pinned = XDocument.Parse(Checkout.Read("Directory.Packages.props")).Descendants("PackageVersion").Select(p => p.Attribute("Include")!.Value).ToList();
        var reasons = Checkout.Read("docs/dependencies.md");
        var projects = string.Concat(Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal) || f == "Directory.Build.props").Select(Checkout.Read));
        foreach (var package in pinned)
        {
            Assert.Contains($"Include=\"{package}\"", projects, StringComparison.Ordinal);
            Assert.Contains(package, reasons, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_project_has_a_lock_file_and_is_in_the_solution()
    {
        var solution = Checkout.Read("StrataOS.sln").Replace('\\', '/');
        foreach (var project in Repository.Files.Where(f => f.EndsWith(".csproj", StringComparison.Ordinal)))
        {
            Assert.True(File.Exists(Path.Combine(Checkout.Root, Path.GetDirectoryName(project)!, "packages.lock.json")), $"{project} has no lock file");
            if (project != "build/Programs.csproj")
            {
                Assert.Contains(project, solution, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void Local_links_in_the_documents_lead_somewhere()
    {
        foreach (var page in Repository.Files.Where(f => f.EndsWith(".md", StringComparison.Ordinal)))
        {
            foreach (Match link in Regex.Matches(Checkout.Read(page), @"\]\((?!https?:|#|mailto:)([^)#\s]+)(#[^)]*)?\)"))
            {
                var target = Path.Combine(Checkout.Root, Path.GetDirectoryName(page)!, link.Groups[1].Value);
                Assert.True(Path.Exists(target), $"{page} links to {link.Groups[1].Value}, which is not there");
            }
        }
    }

    [Fact]
    public void Scripts_can_be_run()
    {
        foreach (var script in Repository.Files.Where(f => f is ".ci/run" || (f.EndsWith(".sh", StringComparison.Ordinal) && f != "scripts/prerequisites.sh")))
        {
            Assert.True((File.GetUnixFileMode(Path.Combine(Checkout.Root, script)) & UnixFileMode.UserExecute) != 0, $"{script} has no run bit");
        }
    }

    private static bool IsText(string file) =>
        file.StartsWith(".ci/", StringComparison.Ordinal)
        || Path.GetExtension(file) is ".cs" or ".csproj" or ".props" or ".targets" or ".proj" or ".sh" or ".md" or ".json" or ".nix" or ".c" or ".h";
}
