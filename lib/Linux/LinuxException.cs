using System.Runtime.InteropServices;

namespace Strata.Linux;

/// <summary>A system call failed in a way its caller did not plan for.</summary>
public sealed class LinuxException : IOException
{
    /// <summary>Describes one failed call.</summary>
    /// <param name="errno">The error number, positive or negated.</param>
    /// <param name="syscall">The call's name, for example <c>openat2</c>.</param>
    /// <param name="subject">What it was applied to (a path, a pid); null when there is nothing to name.</param>
    public LinuxException(int errno, string syscall, string? subject = null)
        : base(Describe(Math.Abs(errno), syscall, subject))
    {
        Errno = Math.Abs(errno);
        Syscall = syscall;
    }

    /// <summary>The error number, always positive.</summary>
    public int Errno { get; }

    /// <summary>The name of the call that failed.</summary>
    public string Syscall { get; }

    /// <summary>The symbolic name of <see cref="Errno"/>, for example <c>ENOENT</c>.</summary>
    public string Name => Linux.Errno.Name(Errno);

    /// <summary>Passes a non-negative result through and throws for a negated error number.</summary>
    internal static int Check(int result, string syscall, string? subject = null) =>
        result >= 0 ? result : throw new LinuxException(result, syscall, subject);

    private static string Describe(int errno, string syscall, string? subject)
    {
        string on = subject is null ? "" : $" on '{subject}'";
        return $"{syscall}{on} failed: {Marshal.GetPInvokeErrorMessage(errno)} ({Linux.Errno.Name(errno)})";
    }
}
