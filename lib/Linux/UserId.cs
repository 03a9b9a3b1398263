using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The user this process acts as.</summary>
public static class UserId
{
    /// <summary>The effective user id (geteuid, which cannot fail).</summary>
    public static uint Effective => Libc.geteuid();
}
