using System.Text.Json;
using System.Xml.Linq;
using Strata.StrataCtl.Scaffold;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public sealed class NewServiceTests
{
    [Theory]
    [InlineData("/srv/plain")]
    [InlineData("/srv/with space/and \"quotes\" & 'more' <x> \\ @NAME@")]
    public void Paths_are_written_as_each_file_wants_them(string folder)
    {
        var files = new ServiceProject("greeter", folder, folder, "1.2.3").Files;
        var manifest = JsonDocument.Parse(files["greeter.service.json"], new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip }).RootElement;
        Assert.Equal(folder + "/bin/greeter", manifest.GetProperty("exec")[0].GetString());
        Assert.Equal(folder + "/sdk", XDocument.Parse(files["nuget.config"]).Descendants("add").Single().Attribute("value")!.Value);
        Assert.Equal("1.2.3", XDocument.Parse(files["greeter.csproj"]).Descendants("PackageReference").Single().Attribute("Version")!.Value);
        Assert.DoesNotContain('@', files["Program.cs"]);
    }

    [Theory]
    [InlineData("a")]
    [InlineData("greeter-2")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffggg")]
    public void Names_that_a_manifest_takes_are_taken(string name) => Assert.Null(ServiceProject.FaultOf(name));

    [Theory]
    [InlineData("")]
    [InlineData("2greeter")]
    [InlineData("Greeter")]
    [InlineData("gree_ter")]
    [InlineData("../x")]
    [InlineData("fs")]
    [InlineData("aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg")]
    public async Task Other_names_are_refused_with_what_is_wrong_about_them(string name)
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "new", "service", name, "-o", node.Directory + "/x");
        Assert.Equal(2, run.Code);
        Assert.StartsWith($"error: \"{name}\" cannot be a service's name: it ", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(node.Directory + "/x"));
    }

    [Fact]
    public async Task Without_the_packages_it_says_what_makes_them()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "new", "service", "greeter", "-o", node.Directory + "/x");
        Assert.Equal(2, run.Code);
        Assert.Contains("./build.sh", run.Error, StringComparison.Ordinal);
    }
}
