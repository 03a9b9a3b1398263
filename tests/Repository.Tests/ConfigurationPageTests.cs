using System.Text.RegularExpressions;

namespace Strata.Repository.Tests;

public sealed class ConfigurationPageTests
{
    [Fact]
    public void The_page_names_every_variable_that_the_code_reads_and_no_other()
    {
        var variable = new Regex("\"(STRATA_[A-Z_]+)\"");
        var read = Repository.Sources("cmd").Concat(Repository.Sources("lib")).SelectMany(f => variable.Matches(Checkout.Read(f)).Select(m => m.Groups[1].Value)).ToHashSet();
        var named = Regex.Matches(Checkout.Read("docs/configuration.md"), "`(STRATA_[A-Z_]+)`").Select(m => m.Groups[1].Value).ToHashSet();

        // The programs' variables are put together from the service's name.
        named.RemoveWhere(n => n.EndsWith("_BIN", StringComparison.Ordinal));
        read.RemoveWhere(n => n.EndsWith('_') || n.EndsWith("_BIN", StringComparison.Ordinal));
        Assert.Equal(read.Order(), named.Order());
    }
}
