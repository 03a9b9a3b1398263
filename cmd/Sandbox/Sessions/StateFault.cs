using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Why the service cannot keep what it has to, for callers. Pure.</summary>
internal static class StateFault
{
    /// <summary>Whether a fault is of the state directory, or of what reaching it takes.</summary>
    internal static bool Is(Exception fault) => fault is IOException or UnauthorizedAccessException or LinuxException;

    /// <summary>What a caller is told of one.</summary>
    internal static SandboxException Of(Exception fault) => ((fault as LinuxException)?.Errno ?? fault.HResult) switch
    {
        Errno.ENOSPC or Errno.EDQUOT => new SandboxException(
            ErrorCode.ResourceExhausted, SandboxReasons.DiskFull, "the disk of the service's state directory is full; make room on it, or close sessions that are not needed, and try again"),
        Errno.EMFILE or Errno.ENFILE => new SandboxException(
            ErrorCode.ResourceExhausted, SandboxReasons.DescriptorsExhausted, "the service has no open files to spare; close sessions that are not needed, or have the node raise its limit of open files"),
        _ => new SandboxException(ErrorCode.Unavailable, SandboxReasons.StateUnwritable, "the session cannot be kept in the service's state directory; its log says why"),
    };
}
