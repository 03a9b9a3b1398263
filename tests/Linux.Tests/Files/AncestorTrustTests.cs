namespace Strata.Linux.Tests.Files;

public sealed class AncestorTrustTests : IDisposable
{
    private const UnixFileMode Everybody = (UnixFileMode)0x1ff;

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Own_directories_beneath_a_sticky_one_are_trusted()
    {
        Directory.CreateDirectory(_temp["above"]);
        Assert.Null(AncestorTrust.FaultAbove(_temp["above/run"]));
        File.SetUnixFileMode(_temp["above"], Everybody | UnixFileMode.StickyBit);
        Assert.Null(AncestorTrust.FaultAbove(_temp["above/run"]));
    }

    [Fact]
    public void Directory_in_which_others_may_rename_is_named()
    {
        Directory.CreateDirectory(_temp["above/between"]);
        File.SetUnixFileMode(_temp["above"], Everybody);
        var fault = AncestorTrust.FaultAbove(_temp["above/between/run"]);
        Assert.Contains("above' has mode 777", fault, StringComparison.Ordinal);
        Assert.Contains("between/run", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Directory_of_another_user_is_named()
    {
        Assert.SkipUnless(UserId.Effective == 0, "only root can give a directory away");
        Directory.CreateDirectory(_temp["above"]);
        Assert.Equal(0, Native.ChangeOwner(_temp["above"], 65534));
        Assert.Contains("belongs to uid 65534", AncestorTrust.FaultAbove(_temp["above/run"]), StringComparison.Ordinal);
    }
}
