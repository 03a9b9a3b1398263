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
        _ => OfContent(result),
    };

    /// <summary>The error for a negated error number of a change where the path had led: the prefix is no longer at fault.</summary>
    internal static RpcError OfChange(int result) => -result switch
    {
        Errno.EXDEV => Make(ErrorCode.Conflict, FsReasons.CrossDevice, "the paths lie on different file systems, or the path is a mount point; copy instead"),
        Errno.EINVAL => Make(ErrorCode.InvalidArgument, FsReasons.InvalidChange, "the file system does not do this: a directory does not move into itself, and some cannot promise not to replace; say replace, or copy"),
        _ => Of(result),
    };

    /// <summary>The error for a negated error number of writing, making room or waiting for the disk.</summary>
    internal static RpcError OfContent(int result) => -result switch
    {
        Errno.EEXIST => Make(ErrorCode.Conflict, FsReasons.Exists, "something has this path already, perhaps a link that leads nowhere; choose another path, or say that it may be replaced"),
        Errno.ENOTEMPTY => Make(ErrorCode.Conflict, FsReasons.NotEmpty, "the directory is not empty; remove what is in it first, or use fs.remove_tree"),
        Errno.EBUSY or Errno.ETXTBSY => Make(ErrorCode.Conflict, FsReasons.Busy, "the path is in use, as a mount point, a running program or by another call; try again later"),
        Errno.EROFS => ReadOnly,
        Errno.ENOSPC or Errno.EDQUOT => Make(ErrorCode.ResourceExhausted, FsReasons.DiskFull, "the file system is full, or its owner's quota is used up; remove something and try again"),
        Errno.EFBIG or Errno.EOVERFLOW => Make(ErrorCode.ResourceExhausted, FsReasons.FileTooLarge, "the file would be larger than the file system allows"),
        Errno.EMLINK => Make(ErrorCode.ResourceExhausted, FsReasons.TooManyLinks, "the file has as many names as the file system allows"),
        Errno.EACCES or Errno.EPERM => Make(ErrorCode.PermissionDenied, FsReasons.FileAccess, "the file's own permissions keep the service from it; its owner can allow it"),
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

    /// <summary>The error for a change beneath a root, or on a file system, that is only read.</summary>
    internal static RpcError ReadOnly { get; } =
        Make(ErrorCode.PermissionDenied, FsReasons.ReadOnly, "nothing can be changed here: the folder is served to be read only, or the capability is read_only; ask for one that may change it");

    /// <summary>The error for a file that is another than when an earlier part of it was fetched.</summary>
    internal static RpcError Changed { get; } =
        Make(ErrorCode.Conflict, FsReasons.Changed, "the file has changed since; begin anew without \"offset\" and \"modified\"");

    /// <summary>The error for an upload that is not what its holder takes it for.</summary>
    internal static RpcError Mismatch(string reason, string message) => Make(ErrorCode.Conflict, reason, message);

    /// <summary>The error when as many watches are in place as may be, here or in the kernel.</summary>
    internal static RpcError NoWatchLeft { get; } =
        Make(ErrorCode.ResourceExhausted, FsReasons.WatchesExhausted, "no further watch can be set; end one, or try again later");

    /// <summary>The error when a descriptor would carry more than its capability allows.</summary>
    internal static RpcError DescriptorRefused { get; } =
        Make(ErrorCode.PermissionDenied, FsReasons.DescriptorRefused, "the capability limits bytes, which nobody could hold a descriptor to; open the file without \"fd\"");

    /// <summary>The error for a change of the prefix itself.</summary>
    internal static RpcError PrefixItself { get; } =
        Make(ErrorCode.InvalidArgument, FsReasons.PrefixItself, "the path is the capability's path_prefix itself, which stays as it is; name something in it");

    /// <summary>The error for a handle that was opened for something else.</summary>
    internal static RpcError HandleMode(string wanted) =>
        Make(ErrorCode.InvalidArgument, FsReasons.HandleMode, $"the handle was not opened to {wanted}; open the file with another mode");

    /// <summary>Whether the path tried to leave the prefix, or to get at what is kept out, which the audit records as a denial.</summary>
    internal static bool IsEscape(int result) => result is -Errno.EXDEV or -Errno.ELOOP or KeptOut.Refused;

    private static RpcError Failed(int result) => Make(ErrorCode.Internal, FsReasons.FileSystem, $"the file system failed with {Errno.Name(result)}");

    private static RpcError Make(ErrorCode code, string reason, string message) => new(code, message) { Reason = reason };
}
