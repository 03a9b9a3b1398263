using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>From error numbers to protocol errors. Pure. No message names a path: the caller knows its own, and the rest is the host's.</summary>
internal static class FileErrors
{
    /// <summary>The error for a negated error number of a path beneath the prefix.</summary>
    internal static RpcError Of(int result) => -result switch
    {
        Errno.EXDEV => CapabilityAuthorizer.ErrorOf(DenyReason.PathOutsidePrefix),
        -KeptOut.Refused => Make(ErrorCode.PermissionDenied, FsReasons.KeptOut, "the path leads to what the node keeps to itself, or to what the system tells of single processes; no capability opens that"),
        Errno.ELOOP => Make(ErrorCode.PermissionDenied, FsReasons.LinkRefused, "the path leads through a link that is not followed: one of the system's own, or too many of them"),
        Errno.ENOENT => Make(ErrorCode.NotFound, FsReasons.NotFound, "nothing has this path beneath the capability's path_prefix; fs.list shows what there is"),
        Errno.EACCES or Errno.EPERM => Make(ErrorCode.PermissionDenied, FsReasons.FileAccess, "the file's own permissions keep the service from it; its owner can allow it"),
        Errno.EISDIR => Make(ErrorCode.InvalidArgument, FsReasons.IsDirectory, "the path is a directory; use fs.list"),
        Errno.ENOTDIR => Make(ErrorCode.InvalidArgument, FsReasons.NotDirectory, "the path, or a part before its last, is not a directory"),
        Errno.EOPNOTSUPP or Errno.ENXIO or Errno.ENODEV => Make(ErrorCode.InvalidArgument, FsReasons.NotRegularFile, "the path is a FIFO, socket or device; only regular files are opened"),
        Errno.ENAMETOOLONG => Make(ErrorCode.InvalidArgument, FsReasons.NameTooLong, "the path, or a part of it, is longer than the file system allows"),
        Errno.EINVAL => CapabilityAuthorizer.ErrorOf(DenyReason.InvalidPath),
        Errno.EMFILE or Errno.ENFILE or Errno.ENOMEM => Make(ErrorCode.ResourceExhausted, FsReasons.DescriptorsExhausted, "the service has no descriptor left; close handles or try again shortly"),
        Errno.EAGAIN => Make(ErrorCode.Unavailable, FsReasons.Unsettled, "the path was being renamed at each attempt to follow it; try again"),
        _ => Failed(result),
    };

    /// <summary>The error when the prefix itself cannot be opened.</summary>
    internal static RpcError OfPrefix(int result) => -result switch
    {
        Errno.ENOENT or Errno.ENOTDIR or Errno.ELOOP => Make(ErrorCode.NotFound, FsReasons.PrefixMissing, "the capability's path_prefix is not a directory on this node; create it or ask for a capability with another"),
        _ => Of(result),
    };

    /// <summary>The error for a negated error number of a read: the path is no longer at fault.</summary>
    internal static RpcError OfRead(int result) => -result switch
    {
        Errno.EACCES or Errno.EPERM => Of(result),
        Errno.EAGAIN => Make(ErrorCode.Unavailable, FsReasons.NoDataYet, "the file has nothing to read yet; try again shortly"),
        _ => Failed(result),
    };

    /// <summary>The error for a handle that is closed, never existed or is another capability's: all the same to the caller.</summary>
    internal static RpcError NoSuchHandle { get; } =
        Make(ErrorCode.NotFound, FsReasons.NoSuchHandle, "no such handle is open for this capability; open the file again");

    /// <summary>Whether the path tried to leave the prefix, or to get at what is kept out, which the audit records as a denial.</summary>
    internal static bool IsEscape(int result) => result is -Errno.EXDEV or -Errno.ELOOP or KeptOut.Refused;

    private static RpcError Failed(int result) => Make(ErrorCode.Internal, FsReasons.FileSystem, $"the file system failed with {Errno.Name(result)}");

    private static RpcError Make(ErrorCode code, string reason, string message) => new(code, message) { Reason = reason };
}
