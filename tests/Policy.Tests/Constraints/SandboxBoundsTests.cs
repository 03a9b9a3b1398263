using System.Buffers;
using System.Text;

namespace Strata.Policy.Tests;

public sealed class SandboxBoundsTests
{
    private static readonly string[] Images = ["host", "py", "python:3", "python:3.12", "node"];
    private static readonly string[] Hosts = ["example.org", "a.example.org", "b.a.example.org", "org", "x.org", "example.com", "notexample.org"];

    [Fact]
    public void Bounds_are_read_as_they_are_written()
    {
        var random = new Random(20300101);
        for (var i = 0; i < 2000; i++)
        {
            var claims = Samples.Claims with { Constraints = CapabilityConstraints.None with { Sandbox = RandomCapability.Bounds(random) } };
            var written = new ArrayBufferWriter<byte>();
            ClaimsWriter.Write(claims, written);
            Assert.True(ClaimsReader.TryRead(written.WrittenSpan, ClaimsRules.Strict, out var read, out var fault), fault);
            Assert.Equal(claims.Constraints, read.Constraints);
        }
    }

    [Fact]
    public void Whatever_bounds_within_others_allow_those_allow_too()
    {
        var random = new Random(20300102);
        var within = 0;
        for (var i = 0; i < 200_000; i++)
        {
            var (child, parent) = (RandomCapability.Bounds(random), random.Next(2) == 0 ? RandomCapability.Bounds(random) : SandboxBounds.None with { Images = NameList.Of("py*"), MaxPids = 2 });
            if (SandboxValidation.FindExcess(child, parent) is not null)
            {
                continue;
            }

            within++;
            Assert.All(Images, image => Assert.True(!child.AllowsImage(image) || parent.AllowsImage(image), image));
            Assert.All(Hosts, host => Assert.True(!child.AllowsDomain(host) || parent.AllowsDomain(host), host));
            Assert.All(new[] { "none", "proxy", "bridge", "host" }, network => Assert.True(!child.AllowsNetwork(network) || parent.AllowsNetwork(network), network));
            Assert.All(new[] { "/bin/a", "/bin/b", "/bin/c" }, path => Assert.True(!child.AllowsCommand(path) || parent.AllowsCommand(path), path));
            Assert.True(parent.MaxPids is null || child.MaxPids <= parent.MaxPids);
            Assert.True(parent.MaxSessions is null || child.MaxSessions <= parent.MaxSessions);
        }

        Assert.True(within > 100, $"only {within} were within");
    }

    [Theory]
    [InlineData("python:*", "python:3", true)]
    [InlineData("python:*", "python", false)]
    [InlineData("python", "python:3", false)]
    [InlineData("*", "anything/at:all", true)]
    public void A_pattern_covers_images_that_begin_like_it(string pattern, string image, bool covers) =>
        Assert.Equal(covers, new SandboxBounds { Images = NameList.Of(pattern) }.AllowsImage(image));

    [Theory]
    [InlineData("*.example.org", "a.example.org", true)]
    [InlineData("*.example.org", "b.a.example.org", true)]
    [InlineData("*.example.org", "example.org", false)]
    [InlineData("*.example.org", "notexample.org", false)]
    [InlineData("*.example.org", ".example.org", false)]
    [InlineData("example.org", "example.org", true)]
    [InlineData("example.org", "a.example.org", false)]
    public void A_pattern_covers_the_hosts_beneath_a_domain(string pattern, string host, bool covers) =>
        Assert.Equal(covers, new SandboxBounds { Domains = NameList.Of(pattern) }.AllowsDomain(host));

    [Theory]
    [InlineData("""{"images":[]}""")]
    [InlineData("""{"images":["a","a"]}""")]
    [InlineData("""{"images":["a**"]}""")]
    [InlineData("""{"images":["../x"]}""")]
    [InlineData("""{"images":"a"}""")]
    [InlineData("""{"max_pids":0}""")]
    [InlineData("""{"max_pids":1.0}""")]
    [InlineData("""{"max_pids":1,"max_pids":1}""")]
    [InlineData("""{"networks":["wifi"]}""")]
    [InlineData("""{"domains":["*"]}""")]
    [InlineData("""{"domains":["A.org"]}""")]
    [InlineData("""{"domains":["*.*.org"]}""")]
    [InlineData("""{"commands":["git"]}""")]
    [InlineData("""{"commands":["/bin/../git"]}""")]
    [InlineData("""{"commands":["/bin//git"]}""")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void What_is_not_well_formed_makes_the_token_no_capability(string bounds)
    {
        Assert.False(ClaimsReader.TryRead(Json(bounds), ClaimsRules.Strict, out _, out var fault));
        Assert.Contains("sandbox", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bound_that_is_not_known_denies()
    {
        Assert.True(ClaimsReader.TryRead(Json("""{"max_pids":4,"max_gpus":1}"""), ClaimsRules.Strict, out var claims, out var fault), fault);
        Assert.Equal(["sandbox.max_gpus"], claims.Constraints.Unknown);
        Assert.Equal(4, claims.Constraints.Sandbox.MaxPids);
    }

    [Fact]
    public void A_derived_capability_has_the_bounds_of_its_parent_and_narrower_ones()
    {
        var parent = Samples.Claims with { Constraints = CapabilityConstraints.None with { Sandbox = new SandboxBounds { MaxPids = 8, Images = NameList.Of("py*"), MaxSessions = 3 } } };
        Assert.True(Attenuation.TryDerive(parent, new IssueRequest { Sandbox = new SandboxRequest { MaxPids = 4, Networks = ["none"] } }, new string('e', 32), Samples.Now, out var child, out _, out _));
        Assert.Equal(new SandboxBounds { MaxPids = 4, Images = NameList.Of("py*"), Networks = NameList.Of("none"), MaxSessions = 3 }, child.Constraints.Sandbox);
        Assert.Equal(3, child.Chain[^1].MaxSessions);
        Assert.False(Attenuation.TryDerive(parent, new IssueRequest { Sandbox = new SandboxRequest { Images = ["*"] } }, new string('e', 32), Samples.Now, out _, out var fault, out var isExcess));
        Assert.Equal(("sandbox.images", true), (fault.Field, isExcess));
        Assert.False(Attenuation.TryDerive(parent, new IssueRequest { Sandbox = new SandboxRequest { Images = [] } }, new string('e', 32), Samples.Now, out _, out fault, out isExcess));
        Assert.Equal(("sandbox.images", false), (fault.Field, isExcess));
    }

    private static byte[] Json(string bounds)
    {
        var written = new ArrayBufferWriter<byte>();
        ClaimsWriter.Write(Samples.Claims with { Constraints = CapabilityConstraints.None with { Once = true } }, written);
        return Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(written.WrittenSpan).Replace("\"once\":true", $"\"sandbox\":{bounds}", StringComparison.Ordinal));
    }
}
