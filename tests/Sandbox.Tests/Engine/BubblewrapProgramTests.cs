namespace Strata.Sandbox.Tests;

public sealed class BubblewrapProgramTests
{
    [Theory]
    [InlineData("/usr/bin/bwrap", "/nix/store/a/bin", "/usr/bin/bwrap")]
    [InlineData("/nix/store/b/bin/bwrap", "/nix/store/a/bin:/nix/store/b/bin", "/nix/store/b/bin/bwrap")]
    [InlineData("bin/bwrap", "bin::.", null)]
    [InlineData("/usr/local/bin/bwrap", null, "/usr/local/bin/bwrap")]
    public void It_is_where_distributions_have_it_or_in_a_directory_of_the_path(string there, string? path, string? found) =>
        Assert.Equal(found, BubblewrapProgram.Find(path, file => file == there));
}
