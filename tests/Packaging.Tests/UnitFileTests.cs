using System.Globalization;

namespace Strata.Packaging.Tests;

public sealed class UnitFileTests
{
    /// <summary>A tenth of a point each: 1.0, beyond which hardening has been lost.</summary>
    private const int MostExposure = 10;

    private static readonly (string Name, string Value)[] Directives =
    [
        .. Checkout.Read("packaging/systemd/strata.service").Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal) && !l.StartsWith('#')).Select(l => (l[..l.IndexOf('=', StringComparison.Ordinal)], l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..])),
    ];

    public static TheoryData<string> DropIns => ["", .. Directory.GetFiles(Checkout.At("examples/systemd"), "*.conf").Select(f => Path.GetFileName(f)!).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(DropIns))]
    public async Task Systemd_takes_every_directive_of_the_unit_and_of_the_drop_ins_without_a_word(string dropIn)
    {
        // Only what is said of the unit itself counts: the programs are not installed here.
        using var temp = new TempDirectory();
        if (dropIn.Length > 0)
        {
            Directory.CreateDirectory(temp["strata.service.d"]);
            File.Copy(Checkout.At("examples/systemd/" + dropIn), temp["strata.service.d/" + dropIn]);
        }

        var unit = temp["strata.service"];
        File.WriteAllText(unit, Checkout.Read("packaging/systemd/strata.service")
            .Replace("/usr/lib/strata/supervisor", "/bin/true", StringComparison.Ordinal)
            .Replace("Documentation=man:supervisor(8) man:strata-ctl(1)\n", "", StringComparison.Ordinal));
        var result = await AnalyzeAsync("verify", "--recursive-errors=no", unit);
        Assert.DoesNotContain("strata.service", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_exposure_is_at_most_one()
    {
        var threshold = "--threshold=" + MostExposure.ToString(CultureInfo.InvariantCulture);
        var result = await AnalyzeAsync("security", "--no-pager", "--offline=true", threshold, Checkout.At("packaging/systemd/strata.service"));
        Assert.True(result.ExitCode == 0, result.Output + result.Error);
    }

    [Fact]
    public void No_directive_is_set_twice_but_those_that_add_up() =>
        Assert.Empty(Directives.GroupBy(d => d.Name).Where(g => g.Count() > 1 && g.Key is not ("SystemCallFilter" or "LoadCredential" or "Environment")).Select(g => g.Key));

    /// <summary>Each of these looks like more hardening and breaks something a node lives by.</summary>
    [Theory]
    [InlineData("MemoryDenyWriteExecute", "the .NET runtime compiles as it runs")]
    [InlineData("ProtectControlGroups", "limits are written into the delegated control group")]
    [InlineData("PrivateUsers", "authority is by the uid of a peer, which would be another")]
    [InlineData("RestrictSUIDSGID", "it takes openat2 away, which keeps paths beneath their prefix")]
    public void What_would_break_a_node_is_left_out(string directive, string why) =>
        Assert.DoesNotContain(Directives, d => d.Name == directive && d.Value is not ("no" or "false") && why.Length > 0);

    /// <summary>What the supervisor relies on: it keeps its services over its own death, and is told apart by its own user.</summary>
    [Theory]
    [InlineData("Type", "notify")]
    [InlineData("KillMode", "process")]
    [InlineData("Restart", "always")]
    [InlineData("RuntimeDirectoryPreserve", "restart")]
    [InlineData("User", "strata")]
    [InlineData("StateDirectoryMode", "0700")]
    [InlineData("RuntimeDirectoryMode", "0755")]
    [InlineData("RestartPreventExitStatus", "64 78")]
    public void What_a_node_relies_on_is_set(string directive, string value) => Assert.Contains((directive, value), Directives);

    [Fact]
    public void Every_credential_that_may_be_absent_is_searched_for_and_not_named_by_path() =>
        Assert.Contains(("LoadCredential", "strata.identity-passphrase"), Directives);

    private static Task<CommandResult> AnalyzeAsync(params string[] arguments)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd is not installed");
        return Command.RunAsync("/usr/bin/systemd-analyze", arguments);
    }
}
