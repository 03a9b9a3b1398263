namespace Strata.Policy.Tests.Signatures;

public class SodiumPlacesTests
{
    [Fact]
    public void The_library_beside_the_program_goes_before_the_systems()
    {
        string[] names = ["libsodium.so.23", "libsodium.so.26", "libsodium.so"];
        Assert.Equal([.. names.Select(name => "/opt/strata/" + name), .. names], SodiumNative.Places("/opt/strata/"));
    }

    [Fact]
    public void What_was_loaded_is_told()
    {
        var (place, version) = SodiumLibrary.Find()!.Value;
        Assert.Contains("libsodium.so", place, StringComparison.Ordinal);
        Assert.Matches(@"^\d+\.\d+\.\d+$", version);
    }
}
