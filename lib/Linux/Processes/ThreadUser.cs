using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Works on files as another user: with that user's rights alone, none of root's, and what is made is that user's. The calling thread alone changes, for the length of the work.</summary>
public static unsafe class ThreadUser
{
    private static readonly Lazy<uint[]> Groups = new(OwnGroups);

    private static nint SetGroups => Libc.IsArm64 ? 159 : 116;

    /// <summary>Does the work.</summary>
    /// <param name="user">The user and group; null works as who we are.</param>
    /// <param name="work">System calls and little else: code that is loaded meanwhile is loaded with that user's rights.</param>
    /// <exception cref="LinuxException">EPERM: it is not ours to work as somebody else. Nothing was done.</exception>
    public static T Run<T>(ProcessUser? user, Func<T> work)
    {
        if (user is not { Uid: { } uid, Gid: { } gid } || (uid == Libc.geteuid() && gid == Libc.getegid()))
        {
            return work();
        }

        // Asked for while we still are who we are.
        uint[] groups = Groups.Value;
        LinuxException.Check(Libc.Result(Libc.setgroups_thread(SetGroups, 0, null)), "setgroups");
        try
        {
            Switch(uid, gid);
            return work();
        }
        finally
        {
            // The user first: only root may take a group back.
            _ = Libc.setfsuid(Libc.geteuid());
            _ = Libc.setfsgid(Libc.getegid());
            Restore(groups);
        }
    }

    private static void Switch(uint uid, uint gid)
    {
        _ = Libc.setfsgid(gid);
        _ = Libc.setfsuid(uid);
        // These calls do not say whether they did; asked for an impossible id, they tell the one in force.
        if ((uint)Libc.setfsuid(uint.MaxValue) != uid || (uint)Libc.setfsgid(uint.MaxValue) != gid)
        {
            throw new LinuxException(Errno.EPERM, "setfsuid");
        }
    }

    private static void Restore(uint[] groups)
    {
        fixed (uint* first = groups)
        {
            _ = Libc.setgroups_thread(SetGroups, (nuint)groups.Length, first);
        }
    }

    private static uint[] OwnGroups()
    {
        int count = LinuxException.Check(Libc.Result(Libc.getgroups(0, null)), "getgroups");
        uint[] groups = new uint[count];
        fixed (uint* first = groups)
        {
            return groups[..LinuxException.Check(Libc.Result(Libc.getgroups(count, first)), "getgroups")];
        }
    }
}
