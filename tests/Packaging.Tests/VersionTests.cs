namespace Strata.Packaging.Tests;

public sealed class VersionTests
{
    [Theory]
    [InlineData("0.1.0")]
    [InlineData("1.20.300")]
    [InlineData("9999.0.0")]
    [InlineData("1.0.0-rc.1")]
    [InlineData("1.0.0-alpha")]
    [InlineData("1.0.0-0.x7.9z")]
    public async Task What_NuGet_Debian_and_tags_take_is_a_version(string version) =>
        Assert.Equal("", (await CheckAsync(version)).Succeeded().Error);

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("1.2")]
    [InlineData("1.2.3.4")]
    [InlineData("v1.2.3")]
    [InlineData("01.2.3")]
    [InlineData("1.2.3-")]
    [InlineData("1.2.3-a..b")]
    [InlineData("1.2.3-01")]
    [InlineData("1.2.3-a-b")]
    [InlineData("1.2.3+build")]
    [InlineData("1.2.3~rc1")]
    [InlineData("10000.0.0")]
    [InlineData("99999999999999999999.0.0")]
    [InlineData("1.2.3/../../x")]
    [InlineData("1.2.3\n4.5.6")]
    [InlineData("1.2.3 -p:Configuration=Debug")]
    public async Task Anything_else_is_refused_with_what_to_write(string version)
    {
        var result = await CheckAsync(version);
        Assert.Equal(64, result.ExitCode);
        Assert.Contains("write MAJOR.MINOR.PATCH", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_version_has_at_most_64_characters()
    {
        (await CheckAsync("1.0.0-" + new string('a', 58))).Succeeded();
        Assert.Equal(64, (await CheckAsync("1.0.0-" + new string('a', 59))).ExitCode);
    }

    [Fact]
    public async Task The_version_of_the_sources_can_be_released()
    {
        var props = System.Xml.Linq.XDocument.Parse(Checkout.Read("Directory.Build.props"));
        (await CheckAsync(props.Descendants("Version").First().Value)).Succeeded();
    }

    private static Task<CommandResult> CheckAsync(string version) => Command.RunAsync(Checkout.At("packaging/version.sh"), [version]);
}
