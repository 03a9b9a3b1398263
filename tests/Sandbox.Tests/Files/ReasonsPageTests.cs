using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

public sealed class ReasonsPageTests
{
    private static readonly string Page = Checkout.Read("docs/sandbox.md");

    [Fact]
    public void Every_reason_of_work_on_files_stands_on_the_page_with_its_code()
    {
        for (var errno = 1; errno < 134; errno++)
        {
            var error = SandboxFileErrors.Of(-errno);
            var row = Page.Split('\n').Single(l => l.StartsWith('|') && l.Contains($"`{error.Reason}`", StringComparison.Ordinal));
            Assert.StartsWith($"| `{error.Code.WireName()}` |", row, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(Errno.ENOENT, "not_found")]
    [InlineData(Errno.EACCES, "file_access")]
    [InlineData(-KeptOut.Refused, "kept_out")]
    [InlineData(Errno.ENOSPC, "disk_full")]
    [InlineData(Errno.EIO, "file_system")]
    public void Errors_of_files_have_their_reasons(int errno, string reason) => Assert.Equal(reason, SandboxFileErrors.Of(-errno).Reason);
}
