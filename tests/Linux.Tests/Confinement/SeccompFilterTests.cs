namespace Strata.Linux.Tests.Confinement;

public class SeccompFilterTests
{
    [Fact]
    public void The_kernel_says_itself_that_it_has_filters()
    {
        // Where the kernel's own list can be seen, the two must agree; a unit may hide the list.
        const string list = "/proc/sys/kernel/seccomp/actions_avail";
        Assert.SkipUnless(File.Exists(list), "the kernel shows no list of what filters can do");
        Assert.Equal(File.ReadAllText(list).Split([' ', '\n']).Contains("errno"), SeccompFilter.IsAvailable);
    }

    [Fact]
    public void The_library_tells_its_version() => Assert.Matches(@"^\d+\.\d+\.\d+$", SeccompFilter.LibraryVersion);
}
