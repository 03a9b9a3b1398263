namespace Strata.Linux;

/// <summary>Error numbers of the kernel's generic ABI; they are the same on x86-64 and arm64.</summary>
/// <remarks>Calls named <c>Try…</c> answer a non-negative result, or one of these negated (<c>-Errno.EAGAIN</c>), and never throw or allocate for it.</remarks>
public static class Errno
{
#pragma warning disable CS1591 // The names are the kernel's own; errno(3) describes each.
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int ESRCH = 3;
    public const int EINTR = 4;
    public const int EIO = 5;
    public const int ENXIO = 6;
    public const int E2BIG = 7;
    public const int EBADF = 9;
    public const int ECHILD = 10;
    public const int EAGAIN = 11;
    public const int ENOMEM = 12;
    public const int EACCES = 13;
    public const int EBUSY = 16;
    public const int EEXIST = 17;
    public const int EXDEV = 18;
    public const int ENODEV = 19;
    public const int ENOTDIR = 20;
    public const int EISDIR = 21;
    public const int EINVAL = 22;
    public const int ENFILE = 23;
    public const int EMFILE = 24;
    public const int ETXTBSY = 26;
    public const int EFBIG = 27;
    public const int ENOSPC = 28;
    public const int EROFS = 30;
    public const int EMLINK = 31;
    public const int EPIPE = 32;
    public const int ERANGE = 34;
    public const int ENAMETOOLONG = 36;
    public const int ENOSYS = 38;
    public const int ENOTEMPTY = 39;
    public const int ELOOP = 40;
    public const int ENODATA = 61;
    public const int EOVERFLOW = 75;
    public const int ENOTSOCK = 88;
    public const int EMSGSIZE = 90;
    public const int EPROTOTYPE = 91;
    public const int ENOPROTOOPT = 92;
    public const int EOPNOTSUPP = 95;
    public const int EAFNOSUPPORT = 97;
    public const int EADDRINUSE = 98;
    public const int ENETUNREACH = 101;
    public const int ECONNABORTED = 103;
    public const int ECONNRESET = 104;
    public const int ENOBUFS = 105;
    public const int ENOTCONN = 107;
    public const int ETIMEDOUT = 110;
    public const int ECONNREFUSED = 111;
    public const int EINPROGRESS = 115;
    public const int EDQUOT = 122;
#pragma warning restore CS1591

    /// <summary>The symbolic name, for example <c>ENOENT</c>; <c>errno N</c> for a number outside this list.</summary>
    /// <param name="errno">An error number, positive or negated.</param>
    public static string Name(int errno) => Math.Abs(errno) switch
    {
        EPERM => nameof(EPERM), ENOENT => nameof(ENOENT), ESRCH => nameof(ESRCH), EINTR => nameof(EINTR),
        EIO => nameof(EIO), ENXIO => nameof(ENXIO), E2BIG => nameof(E2BIG), EBADF => nameof(EBADF),
        ECHILD => nameof(ECHILD), ERANGE => nameof(ERANGE), EAGAIN => nameof(EAGAIN), ENOMEM => nameof(ENOMEM), EACCES => nameof(EACCES),
        EBUSY => nameof(EBUSY), EEXIST => nameof(EEXIST), EXDEV => nameof(EXDEV), ENODEV => nameof(ENODEV),
        ENOTDIR => nameof(ENOTDIR), EISDIR => nameof(EISDIR), EINVAL => nameof(EINVAL), ENFILE => nameof(ENFILE),
        EMFILE => nameof(EMFILE), ETXTBSY => nameof(ETXTBSY), EMLINK => nameof(EMLINK), EFBIG => nameof(EFBIG), ENOSPC => nameof(ENOSPC), EROFS => nameof(EROFS),
        EPIPE => nameof(EPIPE), ENAMETOOLONG => nameof(ENAMETOOLONG), ENOSYS => nameof(ENOSYS),
        ENOTEMPTY => nameof(ENOTEMPTY), ELOOP => nameof(ELOOP), ENODATA => nameof(ENODATA), EOVERFLOW => nameof(EOVERFLOW),
        ENOTSOCK => nameof(ENOTSOCK), EMSGSIZE => nameof(EMSGSIZE), EPROTOTYPE => nameof(EPROTOTYPE),
        ENOPROTOOPT => nameof(ENOPROTOOPT), EOPNOTSUPP => nameof(EOPNOTSUPP), EAFNOSUPPORT => nameof(EAFNOSUPPORT), EADDRINUSE => nameof(EADDRINUSE),
        ENETUNREACH => nameof(ENETUNREACH), ECONNABORTED => nameof(ECONNABORTED), ECONNRESET => nameof(ECONNRESET),
        ENOBUFS => nameof(ENOBUFS), ENOTCONN => nameof(ENOTCONN), ETIMEDOUT => nameof(ETIMEDOUT),
        ECONNREFUSED => nameof(ECONNREFUSED), EINPROGRESS => nameof(EINPROGRESS), EDQUOT => nameof(EDQUOT),
        var other => $"errno {other}",
    };
}
