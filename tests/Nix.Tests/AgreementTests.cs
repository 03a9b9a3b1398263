using System.Text.Json;
using System.Text.RegularExpressions;
using Strata.Contracts;

namespace Strata.Nix.Tests;

/// <summary>The module says what the rest of the project says.</summary>
public sealed class AgreementTests
{
    [Fact]
    public async Task Every_variable_of_the_configuration_page_has_its_place_and_no_other_is_known()
    {
        NixEvaluator.Require();
        var text = await NixEvaluator.RunAsync("--eval", "--strict", "--json", "-E", $"let s = import {Checkout.At("modules/strata/settings.nix")}; in builtins.attrNames s.known ++ builtins.attrNames s.elsewhere ++ s.fixed ++ s.ofClients");
        var placed = JsonSerializer.Deserialize<string[]>(text)!;

        var rows = Checkout.Read("docs/configuration.md").Split('\n').Where(line => line.StartsWith("| `STRATA_", StringComparison.Ordinal));
        var named = rows.SelectMany(row => Regex.Matches(row.Split('|')[1], "`(STRATA_[A-Z_]+)`").Select(m => m.Groups[1].Value)).Where(name => !name.EndsWith("_BIN", StringComparison.Ordinal));
        Assert.Equal(named.Order(StringComparer.Ordinal), placed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_template_has_the_fields_of_an_issue_but_those_that_are_given_when_it_is_used()
    {
        NixEvaluator.Require();
        var prefix = "templates.<name>.";
        var declared = (await NixOs.WithAsync(""))["options"].EnumerateArray().Select(o => o.GetProperty("name").GetString()!).Where(n => n.StartsWith(prefix, StringComparison.Ordinal)).Select(n => n[prefix.Length..]);
        var fields = typeof(IssueParams).GetProperties().Select(p => JsonNamingPolicy.SnakeCaseLower.ConvertName(p.Name)).Where(n => n is not ("template" or "subject" or "equality_contract"));
        Assert.SkipWhen(NixOs.UsesRealLib, "only the tests' own lib tells what is within an option");
        Assert.Equal(fields.Order(StringComparer.Ordinal), declared.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_manual_has_a_row_for_every_option_with_what_the_module_says_of_it()
    {
        NixEvaluator.Require();
        Assert.SkipWhen(NixOs.UsesRealLib, "only the tests' own lib tells what is within an option");
        var rows = (await NixOs.WithAsync(""))["options"].EnumerateArray().Select(RowOf).ToList();
        Assert.All(rows, row => Assert.Matches(@"\.[^|]*\|$", row));
        var page = Checkout.Read("docs/nixos.md");
        var table = Regex.Match(page, "<!-- options -->\n\\| option \\| default \\| meaning \\|\n\\|---\\|---\\|---\\|\n(.*)<!-- /options -->", RegexOptions.Singleline).Groups[1].Value;
        Assert.True(table == string.Concat(rows.Select(r => r + "\n")), $"the table of options in docs/nixos.md should be\n{string.Join('\n', rows)}");
    }

    [Fact]
    public async Task The_manuals_examples_are_configurations_that_are_taken()
    {
        NixEvaluator.Require();
        var examples = Regex.Matches(Checkout.Read("docs/nixos.md"), "```nix module\n(.*?)```", RegexOptions.Singleline).Select(m => m.Groups[1].Value).ToList();
        Assert.NotEmpty(examples);
        foreach (var example in examples)
        {
            var machine = await NixOs.OfAsync(example);
            Assert.Empty(machine.Failed);
            Assert.Empty(machine.Warnings);
            Assert.Empty(machine.FaultsOfManifests());
        }
    }

    private static string RowOf(JsonElement option) =>
        $"| `{option.GetProperty("name").GetString()}` | {Cell(option.GetProperty("default").GetString()!)} | {option.GetProperty("description").GetString()!.Replace("|", "\\|", StringComparison.Ordinal)} |";

    private static string Cell(string text) => text.Length == 0 ? "" : text[0] is '"' or '[' or '{' || !text.Contains(' ', StringComparison.Ordinal) ? $"`{text}`" : text;
}
