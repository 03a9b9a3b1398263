using System.Text;
using System.Text.RegularExpressions;

namespace Strata.Supervision.Tests.Manifests;

/// <summary>docs/manifests.md says what the table of fields says, and its examples are right.</summary>
public sealed class ManifestPageTests
{
    private static readonly string Page = File.ReadAllText(Checkout.At("docs/manifests.md"));

    [Fact]
    public void The_documented_fields_are_those_of_the_table()
    {
        var table = new StringBuilder("| field | default | range | meaning |\n|---|---|---|---|\n");
        foreach (var field in ManifestFields.All)
        {
            table.Append($"| `{field.Path}` | {(field.IsRequired ? "required" : field.Default is { } preset ? $"`{preset}`" : "none")} | {field.Range} | {field.Description} |\n");
        }

        var documented = Page.Split("<!-- fields -->\n")[1].Split("<!-- /fields -->")[0];
        Assert.True(table.ToString() == documented, $"docs/manifests.md should have this table:\n{table}");
    }

    [Fact]
    public void The_documented_examples_make_a_node_together()
    {
        var files = Regex.Matches(Page, "```json manifest ([a-z]+)\n(.*?)```", RegexOptions.Singleline)
            .Select(m => new ManifestFile(m.Groups[1].Value + ManifestFile.Suffix, Encoding.UTF8.GetBytes(m.Groups[2].Value))).ToList();

        Assert.Equal(4, files.Count);
        Assert.Empty(NodeConfiguration.Read(files).Faults);
    }
}
