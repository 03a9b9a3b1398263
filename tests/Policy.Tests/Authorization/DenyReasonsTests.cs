using System.Text.RegularExpressions;

namespace Strata.Policy.Tests;

public partial class DenyReasonsTests
{
    [Fact]
    public void Every_reason_is_described_once_and_in_order()
    {
        var reasons = Enum.GetValues<DenyReason>().Where(reason => reason != DenyReason.None);
        Assert.Equal(reasons, DenyReasons.All.Select(info => info.Reason));
        Assert.All(DenyReasons.All, info => Assert.Same(info, DenyReasons.Describe(info.Reason)));
        Assert.Equal(DenyReasons.All.Length, DenyReasons.All.Select(info => info.Code).Distinct().Count());
    }

    [Fact]
    public void A_code_is_the_name_of_its_reason_in_snake_case() => Assert.All(DenyReasons.All, info =>
    {
        var expected = WordStart().Replace(info.Reason.ToString(), "_$0").TrimStart('_');
        Assert.Equal(expected, info.Code, ignoreCase: true);
        Assert.Matches("^[a-z]+(_[a-z]+)*$", info.Code);
        Assert.Equal(info.Code, DenyReasons.CodeOf(info.Reason));
    });

    [Fact]
    public void Every_reason_has_a_denying_wire_code_and_a_message() => Assert.All(DenyReasons.All, info =>
    {
        Assert.Contains(info.WireCode, new[] { 1, 2, 3, 6, 7 });
        Assert.NotEmpty(info.Message);
    });

    [Fact]
    public void Undisclosed_reasons_share_their_message_with_no_disclosed_one_and_do_not_name_themselves()
    {
        foreach (var hidden in DenyReasons.All.Where(info => !info.IsDisclosed))
        {
            Assert.DoesNotContain(hidden.Code, hidden.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("signature", hidden.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("key", hidden.Message, StringComparison.Ordinal);
        }

        Assert.Equal(DenyReasons.Describe(DenyReason.BadSignature).Message, DenyReasons.Describe(DenyReason.UnknownKey).Message);
    }

    [Fact]
    public void There_is_nothing_to_say_about_no_reason()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => DenyReasons.Describe(DenyReason.None));
        Assert.Throws<ArgumentOutOfRangeException>(() => DenyReasons.Describe((DenyReason)999));
    }

    [Fact]
    public void The_documented_table_says_the_same()
    {
        var lines = File.ReadAllLines(SourceTree.Path("docs", "reason-codes.md"));
        var rows = lines.Select(line => TableRow().Match(line)).Where(match => match.Success).ToList();
        Assert.Equal(DenyReasons.All.Length, rows.Count);
        foreach (var (row, info) in rows.Zip(DenyReasons.All))
        {
            Assert.Equal(info.Code, row.Groups["code"].Value);
            Assert.Equal(info.WireCode.ToString(System.Globalization.CultureInfo.InvariantCulture), row.Groups["wire"].Value);
            Assert.Equal(info.IsDisclosed ? "yes" : "no", row.Groups["told"].Value);
            Assert.Equal(info.Message, row.Groups["message"].Value);
        }
    }

    [GeneratedRegex("[A-Z]")]
    private static partial Regex WordStart();

    [GeneratedRegex(@"^\| `(?<code>[a-z_]+)` \| (?<wire>\d) [A-Z_]+ \| (?<told>yes|no) \| (?<message>.+) \|$")]
    private static partial Regex TableRow();
}
