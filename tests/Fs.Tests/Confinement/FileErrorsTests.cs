using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs.Tests;

/// <summary>Error numbers become protocol errors with stable reasons.</summary>
public sealed class FileErrorsTests
{
    [Theory]
    [InlineData(Errno.EXDEV, ErrorCode.PermissionDenied, "path_outside_prefix")]
    [InlineData(Errno.ELOOP, ErrorCode.PermissionDenied, "link_refused")]
    [InlineData(Errno.ENOENT, ErrorCode.NotFound, "not_found")]
    [InlineData(Errno.EACCES, ErrorCode.PermissionDenied, "file_access")]
    [InlineData(Errno.EISDIR, ErrorCode.InvalidArgument, "is_directory")]
    [InlineData(Errno.ENOTDIR, ErrorCode.InvalidArgument, "not_directory")]
    [InlineData(Errno.EOPNOTSUPP, ErrorCode.InvalidArgument, "not_regular_file")]
    [InlineData(Errno.ENAMETOOLONG, ErrorCode.InvalidArgument, "name_too_long")]
    [InlineData(Errno.EMFILE, ErrorCode.ResourceExhausted, "descriptors_exhausted")]
    [InlineData(Errno.ENFILE, ErrorCode.ResourceExhausted, "descriptors_exhausted")]
    [InlineData(Errno.EAGAIN, ErrorCode.Unavailable, "path_unsettled")]
    [InlineData(Errno.EIO, ErrorCode.Internal, "file_system")]
    public void Each_error_number_has_its_code_and_reason(int errno, ErrorCode code, string reason)
    {
        var error = FileErrors.Of(-errno);
        Assert.Equal((code, reason), (error.Code, error.Reason));
    }

    [Fact]
    public void Every_reason_stands_in_the_documentation()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "fs.md"));
        var reasons = typeof(FsReasons).GetFields(System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic).Select(f => (string)f.GetRawConstantValue()!);
        Assert.All(reasons, reason => Assert.Contains($"`{reason}`", page, StringComparison.Ordinal));
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "StrataOS.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
