using System.Text.Json;
using System.Text.RegularExpressions;
using Strata.Policy;
using Strata.StrataCtl.Policies;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public class PolicyTests
{
    private const string Table =
        """
        {"capabilities":{"a":{"service":"fs","rights":["fs.stat"],"path_prefix":"/srv"}},"rows":[
        {"name":"good","method":"fs.stat","capability":"a","path":"x","expect":"allow"},
        {"name":"wrong","method":"fs.remove","capability":"a","path":"x","expect":"allow"}]}
        """;

    /// <summary>What a service denies by what it alone keeps: handles, and identity's record of uses. Its own tests cover them.</summary>
    private static readonly DenyReason[] OfServices = [DenyReason.NotHolder, DenyReason.QuotaExceeded, DenyReason.UseUnavailable, DenyReason.UsesFull];

    private static string[] Ours => [.. Directory.EnumerateFiles(Checkout.At("tests/policy"), "*.json").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Our_own_tables_hold()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, ["policy", "test", .. Ours]);
        Assert.Equal((0, "", true), (run.Code, run.Error, run.Output.Contains("all as expected", StringComparison.Ordinal) && !run.Output.Contains("got", StringComparison.Ordinal)));
    }

    [Fact]
    public void Our_own_tables_have_every_reason_that_is_decided_before_a_handler_runs_and_every_method()
    {
        var rows = Ours.SelectMany(file => TableFile.Read(file).Rows).ToList();
        Assert.Equal(
            DenyReasons.All.Where(r => !OfServices.Contains(r.Reason)).Select(r => r.Code).Order(StringComparer.Ordinal),
            rows.Select(r => r.Expect).Where(e => e != TableJudge.Allow).Distinct().Order(StringComparer.Ordinal));
        var methods = rows.Select(r => r.Method).ToHashSet();
        Assert.All(Rights().Keys.Where(m => !m.StartsWith("SERVICE.", StringComparison.Ordinal) && m != "cancel"), m => Assert.Contains(m, methods));
        Assert.Contains("registry.metrics", methods);
    }

    [Fact]
    public void The_rights_of_methods_are_those_of_the_protocol_page()
    {
        var page = Checkout.Read("api/protocol.md").Split("\n### `")[1..].ToDictionary(
            section => section[..section.IndexOf('`', StringComparison.Ordinal)],
            section => Regex.Match(section, "^- access: (.*)$", RegexOptions.Multiline).Groups[1].Value.Split(';')[0].Replace("`", "", StringComparison.Ordinal).Trim());
        Assert.Equal(page.OrderBy(m => m.Key, StringComparer.Ordinal), Rights().OrderBy(m => m.Key, StringComparer.Ordinal));
        Assert.All(page.Keys, method => Assert.NotNull(MethodRights.Of(method.Replace("SERVICE", "greeter", StringComparison.Ordinal))));
        Assert.Equal("greeter.metrics", MethodRights.Of("greeter.metrics")!.RightName);
        Assert.Null(MethodRights.Of("greeter.greet"));
    }

    [Fact]
    public async Task The_table_of_the_documentation_holds()
    {
        var text = Checkout.Read("docs/capabilities.md").Split("## Tables for CI")[1].Split("```json\n")[1].Split("```")[0];
        using var table = new TableFileOf(text);
        await using var node = new FakeNode();
        Assert.Equal($"{table.Path}: 4 rows, all as expected\n", (await CtlRun.Of(node, "policy", "test", table.Path)).Output);
    }

    [Fact]
    public async Task A_row_that_comes_out_otherwise_is_named_with_what_was_expected_and_what_would_make_it_so()
    {
        using var table = new TableFileOf(Table);
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "policy", "test", table.Path);
        Assert.Equal(1, run.Code);
        Assert.Equal(
            $"{table.Path}: rows[1] \"wrong\": expected allow, got right_missing\n  to be allowed: ask the issuer for a capability with the right fs.remove\n"
            + $"{table.Path}: 2 rows, 1 otherwise than expected\n",
            run.Output);
        var json = await CtlRun.Of(node, "policy", "test", table.Path, "--json");
        Assert.Equal((1, false), (json.Code, json.Json.GetProperty("ok").GetBoolean()));
        Assert.Equal([true, false], json.Json.GetProperty("rows").EnumerateArray().Select(r => r.GetProperty("ok").GetBoolean()));
        Assert.Empty(node.Requests);
    }

    [Theory]
    [InlineData("{", "not a policy table")]
    [InlineData("[]", "must be an object")]
    [InlineData("{}", "\"rows\"")]
    [InlineData("""{"rows":[],"columns":1}""", "unknown field \"columns\"")]
    [InlineData("""{"rows":[{"name":"x","expect":"allow"}]}""", "names no method")]
    [InlineData("""{"rows":[{"name":"x","method":"fs.stat","expect":"deny"}]}""", "\"allow\" or a reason code")]
    [InlineData("""{"rows":[{"name":"x","method":"a.b","expect":"allow"}]}""", "give its right")]
    [InlineData("""{"rows":[{"name":"x","method":"fs.stat","capability":"a","expect":"allow"}]}""", "capability \"a\" is not in")]
    [InlineData("""{"rows":[{"name":"x","method":"fs.stat","at":"noon","expect":"allow"}]}""", "at: must be a time")]
    [InlineData("""{"rows":[{"name":"x","method":"fs.stat","calls":10001,"expect":"allow"}]}""", "calls")]
    [InlineData("""{"rows":[{"name":"x","method":"fs.stat","proof":"perfect","expect":"allow"}]}""", "proof")]
    [InlineData("""{"rows":[{"name":"x","method":"fs.stat","enforces":["all"],"expect":"allow"}]}""", "enforces takes")]
    [InlineData("""{"rows":[{"name":"x","derive":{},"expect":"allow"}]}""", "derive needs the capability")]
    [InlineData("""{"now":"+1h","rows":[]}""", "now: must be a time")]
    [InlineData("""{"capabilities":{"a":{"from":"b"}},"rows":[]}""", "capability \"b\" is not in")]
    [InlineData("""{"capabilities":{"a":{"from":"b"},"b":{"from":"a"}},"rows":[]}""", "or from itself")]
    [InlineData("""{"capabilities":{"a":{"service":"fs","path_prefix":"x"}},"rows":[]}""", "path_prefix")]
    [InlineData("""{"capabilities":{"a":{"service":"fs"},"b":{"from":"a","rights":["fs.stat"]}},"rows":[]}""", "asks for more than a holds")]
    public async Task A_table_that_says_nothing_clear_is_refused(string text, string fault)
    {
        using var table = new TableFileOf(text);
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "policy", "test", table.Path);
        Assert.Equal((2, ""), (run.Code, run.Output));
        Assert.Contains(table.Path, run.Error, StringComparison.Ordinal);
        Assert.Contains(fault, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public async Task A_table_has_its_largest_size(int beyond, bool isRead)
    {
        using var table = new TableFileOf("""{"rows":[]}""".PadRight(PolicyTable.MaxFileBytes + beyond));
        await using var node = new FakeNode();
        Assert.Equal(isRead ? 0 : 2, (await CtlRun.Of(node, "policy", "test", table.Path)).Code);
    }

    [Theory]
    [InlineData(PolicyTable.MaxRows, true)]
    [InlineData(PolicyTable.MaxRows + 1, false)]
    public async Task A_table_has_its_most_rows(int rows, bool isRead)
    {
        using var table = new TableFileOf($$"""{"rows":[{{string.Join(',', Enumerable.Repeat("""{"name":"x","method":"fs.ping","expect":"allow"}""", rows))}}]}""");
        await using var node = new FakeNode();
        Assert.Equal(isRead ? 0 : 2, (await CtlRun.Of(node, "policy", "test", table.Path)).Code);
    }

    [Fact]
    public async Task The_schema_is_printed()
    {
        await using var node = new FakeNode();
        var schema = (await CtlRun.Of(node, "policy", "schema")).Json;
        Assert.Equal("Strata policy table", schema.GetProperty("title").GetString());
        Assert.Equal(PolicyTable.MaxRows, schema.GetProperty("properties").GetProperty("rows").GetProperty("maxItems").GetInt32());
        Assert.Equal(JsonDocument.Parse(Checkout.Read("api/policy.schema.json")).RootElement.GetRawText(), schema.GetRawText());
    }

    private static Dictionary<string, string> Rights() =>
        JsonSerializer.Deserialize<Dictionary<string, string>>(Checkout.Read("api/methods.json"))!;

    private sealed class TableFileOf : IDisposable
    {
        private readonly TempDirectory _directory = new();

        public TableFileOf(string text)
        {
            Path = System.IO.Path.Join(_directory.Path, "table.json");
            File.WriteAllText(Path, text);
        }

        public string Path { get; }

        public void Dispose() => _directory.Dispose();
    }
}
