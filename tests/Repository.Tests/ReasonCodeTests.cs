using System.Text.RegularExpressions;

namespace Strata.Repository.Tests;

public sealed class ReasonCodeTests
{
    private const string PagePath = "docs/reason-codes.md";

    // A word of at least one letter, as codes are spelt, with a mark between words where there are several.
    private const string Code = "\"(?<code>[a-z]+(?:_[a-z]+)*)\"";

    // Whatever makes an error with a reason: the factories' last argument, the property, and constants named for it.
    private static readonly Regex[] Uses =
    [
        new($@"RpcError\.(?:Unavailable|ResourceExhausted)\((?:(?!RpcError\.).){{0,500}}?,\s*{Code}\)", RegexOptions.Singleline),
        new($@"\bReason = {Code}"),
        new($@"\bDenied\({Code},"),
    ];

    [Fact]
    public void Every_reason_in_the_sources_is_on_the_page_and_the_reverse()
    {
        var page = Regex.Matches(Checkout.Read(PagePath).Split("## Reasons of the services")[1], @"^\| `(?<code>[a-z_]+)` \|", RegexOptions.Multiline)
            .Select(m => m.Groups["code"].Value).ToList();
        var used = ReasonsInSources().ToHashSet(StringComparer.Ordinal);
        Assert.True(used.Count > 30, "the reasons were not found in the sources");
        Assert.Equal(page.Order(StringComparer.Ordinal), page);
        Assert.Empty(used.Except(page, StringComparer.Ordinal));
        Assert.Empty(page.Except(used, StringComparer.Ordinal));
    }

    private static IEnumerable<string> ReasonsInSources()
    {
        string[] areas = ["lib/Ipc", "lib/Hosting", "cmd/Identity", "cmd/Fs", "cmd/Registry", "cmd/Supervisor", "cmd/Exec", "cmd/Sandbox"];
        foreach (var file in areas.SelectMany(Repository.Sources))
        {
            var text = Checkout.Read(file);
            foreach (Match match in Uses.SelectMany(use => use.Matches(text)))
            {
                yield return match.Groups["code"].Value;
            }

            if (file.EndsWith("Reasons.cs", StringComparison.Ordinal))
            {
                foreach (Match match in Regex.Matches(text, $"const string \\w+ = {Code};"))
                {
                    yield return match.Groups["code"].Value;
                }
            }
        }
    }
}
