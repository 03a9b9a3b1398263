using Microsoft.Win32.SafeHandles;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Owns one descriptor and closes it exactly once.</summary>
public sealed class FileDescriptor : SafeHandleMinusOneIsInvalid
{
    /// <summary>Takes ownership of an open descriptor; nobody else may close it afterwards.</summary>
    /// <param name="number">An open descriptor, 0 or more.</param>
    public FileDescriptor(int number) : base(ownsHandle: true)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        SetHandle(number);
    }

    /// <summary>The raw number. It means something else once this object is closed: use it only while the owner is known to live.</summary>
    public int Number => (int)handle;

    /// <summary>A second descriptor (close-on-exec) for the same open file.</summary>
    /// <param name="number">The descriptor to duplicate; it stays open.</param>
    /// <exception cref="LinuxException">The number is not open, or no descriptor is left.</exception>
    public static FileDescriptor Duplicate(int number) =>
        new(LinuxException.Check(Descriptors.TryDuplicate(number, atLeast: 3), "fcntl(F_DUPFD_CLOEXEC)"));

    /// <summary>Gives up ownership; the caller must close the number returned.</summary>
    public int Release()
    {
        int number = Number;
        SetHandleAsInvalid();
        return number;
    }

    /// <inheritdoc/>
    // Linux frees the number even when close reports EINTR or EIO: a second close could hit a stranger's descriptor.
    protected override bool ReleaseHandle() => Libc.close((int)handle) == 0;
}
