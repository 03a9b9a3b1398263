using Strata.Hosting;

namespace Strata.Sandbox.Tests;

public sealed class ImageReferenceTests
{
    [Theory]
    [InlineData("docker.io/library/alpine", "docker.io/library/alpine:latest")]
    [InlineData("127.0.0.1:5000/a/b:1.0", "127.0.0.1:5000/a/b:1.0")]
    [InlineData("localhost/x", "localhost/x:latest")]
    [InlineData("ghcr.io/x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "ghcr.io/x@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    public void A_reference_says_registry_repository_and_what(string text, string name) => Assert.Equal(name, ImageReference.Parse(text).Name);

    [Theory]
    [InlineData("alpine")]
    [InlineData("library/alpine")]
    [InlineData("docker.io/")]
    [InlineData("docker.io/Upper")]
    [InlineData("docker.io/../../v1/x")]
    [InlineData("docker.io/a//b")]
    [InlineData("docker.io/a:")]
    [InlineData("docker.io/a:b/c")]
    [InlineData("docker.io/a:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("docker.io/a@sha256:AAAA")]
    [InlineData("user@evil.com/a")]
    [InlineData("evil.com?x/a")]
    [InlineData("evil.com#x/a")]
    public void What_is_no_reference_is_refused(string text) => Assert.Equal("bad_image_name", Assert.Throws<SandboxException>(() => ImageReference.Parse(text)).Reason);

    [Fact]
    public void Images_come_from_the_registries_that_the_operator_names_and_none_else()
    {
        var list = RegistryList.Parse("docker.io, 127.0.0.1:5000,http://plain.example");
        Assert.Equal("https://registry-1.docker.io/", list.Find("docker.io").ToString());
        Assert.Equal("http://127.0.0.1:5000/", list.Find("127.0.0.1:5000").ToString());
        Assert.Equal("http://plain.example/", list.Find("plain.example").ToString());
        Assert.Equal("registry_denied", Assert.Throws<SandboxException>(() => list.Find("ghcr.io")).Reason);
        Assert.Throws<SandboxException>(() => RegistryList.Parse("").Find("docker.io"));
        Assert.Throws<SettingsException>(() => RegistryList.Parse("alpine"));
    }

    [Theory]
    [InlineData("realm=\"https://auth.example/token\",service=\"reg\"", "https://auth.example/token?scope=repository:a/b:pull&service=reg")]
    [InlineData("service=x, realm=\"https://auth.example/token?a=1\", scope=\"repository:other:push\"", "https://auth.example/token?a=1&scope=repository:a/b:pull&service=x")]
    [InlineData("realm=\"file:///etc/passwd\"", null)]
    [InlineData("realm=\"", null)]
    [InlineData("=", null)]
    [InlineData("", null)]
    public void A_token_is_asked_for_pulling_this_repository_and_nothing_more(string parameters, string? asked) =>
        Assert.Equal(asked, RegistryChallenge.TryParse(parameters)?.For("a/b").ToString());
}
