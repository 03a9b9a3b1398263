using System.Text.RegularExpressions;

namespace Strata.Repository.Tests;

public sealed partial class ThreatModelTests
{
    private const string Page = "docs/threat-model.md";

    [Fact]
    public void Every_test_it_names_is_in_the_sources()
    {
        var sources = string.Concat(Repository.Sources("tests").Select(Checkout.Read));
        var classes = Class().Matches(sources).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        var named = Test().Matches(Checkout.Read(Page)).Select(m => m.Groups["name"].Value).ToHashSet(StringComparer.Ordinal);
        Assert.True(named.Count > 50, "the tests were not found on the page");
        Assert.Empty(named.Except(classes, StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_threat_and_every_class_of_faults_has_a_test()
    {
        var rows = 0;
        var hasTests = false;
        foreach (var line in Checkout.Read(Page).Split('\n'))
        {
            if (!line.StartsWith('|'))
            {
                hasTests = false;
                continue;
            }

            hasTests |= line.EndsWith("| tests |", StringComparison.Ordinal);
            if (hasTests && !line.EndsWith("| tests |", StringComparison.Ordinal) && !line.StartsWith("|-", StringComparison.Ordinal))
            {
                rows++;
                Assert.True(Test().IsMatch(line[line.TrimEnd('|', ' ').LastIndexOf('|')..]), $"no test covers: {line}");
            }
        }

        Assert.True(rows > 40, "the rows were not found on the page");
    }

    [GeneratedRegex(@"\bclass (?<name>\w+Tests)\b")]
    private static partial Regex Class();

    [GeneratedRegex("`(?<name>[A-Za-z0-9]+Tests)`")]
    private static partial Regex Test();
}
