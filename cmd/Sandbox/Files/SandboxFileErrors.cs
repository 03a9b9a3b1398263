using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>From error numbers of work on files to what a caller is told. Pure. No message names a path of the host.</summary>
internal static class SandboxFileErrors
{
    /// <summary>The exception for a negated error number.</summary>
    internal static SandboxException Of(int result) => new(CodeOf(result), ReasonOf(result), MessageOf(result));

    /// <summary>Passes a result through that is no error.</summary>
    internal static int Check(int result) => result >= 0 ? result : throw Of(result);

    /// <summary>The error for a negated error number, for a stream that has begun.</summary>
    internal static RpcError ErrorOf(int result) => SandboxCalls.ErrorOf(Of(result));

    private static ErrorCode CodeOf(int result) => -result switch
    {
        Errno.ENOENT => ErrorCode.NotFound,
        -KeptOut.Refused or Errno.ELOOP or Errno.EACCES or Errno.EPERM or Errno.EROFS => ErrorCode.PermissionDenied,
        Errno.EISDIR or Errno.ENOTDIR or Errno.EOPNOTSUPP or Errno.ENXIO or Errno.ENODEV or Errno.ENAMETOOLONG or Errno.EINVAL => ErrorCode.InvalidArgument,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM or Errno.ENOSPC or Errno.EDQUOT or Errno.EFBIG or Errno.EOVERFLOW or Errno.EMLINK => ErrorCode.ResourceExhausted,
        Errno.EXDEV or Errno.EEXIST or Errno.ENOTEMPTY or Errno.EBUSY or Errno.ETXTBSY => ErrorCode.Conflict,
        Errno.EAGAIN => ErrorCode.Unavailable,
        _ => ErrorCode.Internal,
    };

    private static string ReasonOf(int result) => -result switch
    {
        Errno.ENOENT => SandboxReasons.NotFound,
        -KeptOut.Refused => SandboxReasons.KeptOut,
        Errno.ELOOP => SandboxReasons.LinkRefused,
        Errno.EACCES or Errno.EPERM => SandboxReasons.FileAccess,
        Errno.EROFS => SandboxReasons.ReadOnly,
        Errno.EISDIR => SandboxReasons.IsDirectory,
        Errno.ENOTDIR => SandboxReasons.NotDirectory,
        Errno.EOPNOTSUPP or Errno.ENXIO or Errno.ENODEV => SandboxReasons.NotRegularFile,
        Errno.ENAMETOOLONG => SandboxReasons.NameTooLong,
        Errno.EINVAL => SandboxReasons.InvalidChange,
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => SandboxReasons.DescriptorsExhausted,
        Errno.ENOSPC or Errno.EDQUOT => SandboxReasons.DiskFull,
        Errno.EFBIG or Errno.EOVERFLOW => SandboxReasons.FileTooLarge,
        Errno.EMLINK => SandboxReasons.TooManyLinks,
        Errno.EXDEV => SandboxReasons.CrossDevice,
        Errno.EEXIST => SandboxReasons.Exists,
        Errno.ENOTEMPTY => SandboxReasons.NotEmpty,
        Errno.EBUSY or Errno.ETXTBSY => SandboxReasons.Busy,
        Errno.EAGAIN => SandboxReasons.Unsettled,
        _ => SandboxReasons.FileSystem,
    };

    private static string MessageOf(int result) => -result switch
    {
        Errno.ENOENT => "nothing has this path inside; sandbox.list_files shows what there is",
        -KeptOut.Refused => "the path leads to what the system tells of processes, devices or itself; no file method opens that",
        Errno.ELOOP => "the path leads through a link that is not followed: one of the system's own, or too many of them",
        Errno.EACCES or Errno.EPERM => "the sandbox's own user may not do that there; sandbox.exec can change the permissions",
        Errno.EROFS => "nothing can be changed there: that part of the image is read only",
        Errno.EISDIR => "the path is a directory; use sandbox.list_files, or sandbox.delete with recursive",
        Errno.ENOTDIR => "the path, or a part before its last, is not a directory",
        Errno.EOPNOTSUPP or Errno.ENXIO or Errno.ENODEV => "the path is a FIFO, socket or device; only regular files are opened",
        Errno.ENAMETOOLONG => "the path, or a part of it, is longer or deeper than it may be",
        Errno.EINVAL => "the path holds a NUL, or the file system does not do this: a directory does not move into itself",
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => "the service has no descriptor left; try again shortly",
        Errno.ENOSPC or Errno.EDQUOT => "the sandbox's disk is full; remove something, or make a session with a higher disk limit",
        Errno.EFBIG or Errno.EOVERFLOW => "the file would be larger than the file system allows",
        Errno.EMLINK => "the file has as many names as the file system allows",
        Errno.EXDEV => "the paths lie on different file systems, or the path is a mount point; copy instead",
        Errno.EEXIST => "something has this path already, perhaps a link that leads nowhere; choose another, or say that it may be replaced",
        Errno.ENOTEMPTY => "the directory is not empty; say recursive to remove it with all in it",
        Errno.EBUSY or Errno.ETXTBSY => "the path is the root itself, a mount point, or in use; name something in it",
        Errno.EAGAIN => "the path was being renamed at each attempt to follow it; try again",
        _ => $"the file system failed with {Errno.Name(result)}",
    };
}
