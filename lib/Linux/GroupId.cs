using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>The group this process acts as.</summary>
public static class GroupId
{
    /// <summary>The effective group id (getegid, which cannot fail).</summary>
    public static uint Effective => Libc.getegid();
}
