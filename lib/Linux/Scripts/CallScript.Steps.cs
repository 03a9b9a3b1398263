using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <content>The calls that a script can have.</content>
public sealed partial class CallScript
{
    /// <summary>What <see cref="ScriptRun.TryRead"/> calls the call of <see cref="Continue"/>.</summary>
    public const string ContinueName = "clone";

    private const uint MoveEmptyPath = 4;
    private const uint CloneTree = 1;
    private const long AttributeIdMap = 0x100000;
    private const long CapabilityVersion3 = 0x20080522;
    private const int LastCapability = 63;
    private const nint AllNamespaces = 0x20000 | 0x2000000 | 0x4000000 | 0x8000000 | 0x10000000 | 0x20000000 | 0x40000000;

    /// <summary>Gives the process namespaces of its own.</summary>
    public void Unshare(NamespaceKinds kinds) => Add($"unshare({kinds})", CallNumbers.Unshare, (long)kinds);

    /// <summary>Enters namespaces of a process; what it starts is in its pid namespace.</summary>
    /// <param name="process">The number of a pidfd in the process.</param>
    /// <param name="kinds">Which.</param>
    public void Enter(int process, NamespaceKinds kinds) => Add($"setns({kinds})", CallNumbers.EnterNamespace, process, (long)kinds & AllNamespaces);

    /// <summary>Mounts.</summary>
    /// <param name="source">What.</param>
    /// <param name="target">Where.</param>
    /// <param name="type">The file system's kind; null to change or bind.</param>
    /// <param name="flags">Flags of mount(2).</param>
    /// <param name="options">Options of the file system.</param>
    public void Mount(string source, string target, string? type, MountKinds flags, string? options = null) =>
        Add($"mount({target})", CallNumbers.Mount, Text(source), Text(target), type is null ? 0 : Text(type), (long)flags, options is null ? 0 : Text(options));

    /// <summary>
    /// Shows a directory at another place, with its owners shown as a user namespace says.
    /// </summary>
    /// <param name="source">The directory.</param>
    /// <param name="target">Where.</param>
    /// <param name="ids">The number of the user namespace's descriptor.</param>
    /// <param name="free">The lowest number that is free in the process.</param>
    public void MountWithIds(string source, string target, int ids, int free)
    {
        long attributes = Bytes(MemoryMarshal.AsBytes<long>([AttributeIdMap, 0, 0, ids]));
        long empty = Text("");
        Add($"open_tree({source})", CallNumbers.OpenTree, (free, free), Libc.AT_FDCWD, Text(source), CloneTree | Libc.O_CLOEXEC);
        Add($"mount_setattr({source})", CallNumbers.SetMountAttributes, free, empty, Libc.AT_EMPTY_PATH, attributes, 32);
        Add($"move_mount({target})", CallNumbers.MoveMount, free, empty, Libc.AT_FDCWD, Text(target), MoveEmptyPath);
        Close(free);
    }

    /// <summary>Makes a directory; one that is there will do.</summary>
    public void MakeDirectory(string path, uint mode) => Add($"mkdir({path})", CallNumbers.MakeDirectory, (-Errno.EEXIST, 0), Libc.AT_FDCWD, Text(path), mode);

    /// <summary>Gives a file to a user and the group of the same number.</summary>
    public void Give(string path, uint owner) => Add($"chown({path})", CallNumbers.ChangeOwner, Libc.AT_FDCWD, Text(path), owner, owner);

    /// <summary>Makes an empty file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="free">The lowest number that is free in the process.</param>
    public void MakeFile(string path, int free)
    {
        Add($"open({path})", CallNumbers.Open, (free, free), Libc.AT_FDCWD, Text(path), Libc.O_WRONLY | Libc.O_CREAT | Libc.O_CLOEXEC, 0x1A4);
        Close(free);
    }

    /// <summary>Opens a path as a place, beneath another one if that is said.</summary>
    /// <param name="path">The path.</param>
    /// <param name="free">The number it gets: the lowest that is free in the process.</param>
    /// <param name="beneath">The place from which a relative path goes.</param>
    public void OpenPlace(string path, int free, int? beneath = null) =>
        Add($"open({path})", CallNumbers.Open, (free, free), beneath ?? Libc.AT_FDCWD, Text(path), beneath is null ? Libc.O_PATH | Libc.O_CLOEXEC : Libc.O_RDONLY | Libc.O_CLOEXEC);

    /// <summary>Sets what new files may not have.</summary>
    public void SetCreationMask(uint mask) => Add("umask", CallNumbers.CreationMask, mask);

    /// <summary>Writes one byte.</summary>
    public void Tell(int descriptor) => Add("write", CallNumbers.Write, (1, 1), descriptor, Room, 1);

    /// <summary>Waits for one byte; whoever finds the end instead ends.</summary>
    public void Await(int descriptor) => Add("read", CallNumbers.Read, (1, 1), descriptor, Room, 1);

    /// <summary>Closes a number.</summary>
    public void Close(int descriptor) => Add("close", CallNumbers.Close, descriptor);

    /// <summary>Makes a number another's double.</summary>
    /// <param name="descriptor">An open one.</param>
    /// <param name="target">Its second number.</param>
    /// <param name="kept">Whether the program has it, too.</param>
    public void Duplicate(int descriptor, int target, bool kept) => Add("dup3", CallNumbers.Duplicate, descriptor, target, kept ? 0 : Libc.O_CLOEXEC);

    /// <summary>Closes all from a number to another.</summary>
    public void CloseRange(uint first, uint last) => Add("close_range", CallNumbers.CloseRange, first, last);

    /// <summary>Leaves nothing from a number on to the program.</summary>
    public void CloseFromAtExec(uint first) => Add("close_range", CallNumbers.CloseRange, first, uint.MaxValue, Libc.CLOSE_RANGE_CLOEXEC);

    /// <summary>Ends the process with its parent.</summary>
    public void EndWithParent() => Add("prctl(PR_SET_PDEATHSIG)", CallNumbers.ProcessControl, Libc.PR_SET_PDEATHSIG, Signal.SIGKILL);

    /// <summary>Gives the process a name for people, until its program.</summary>
    /// <param name="name">At most 15 bytes.</param>
    public void SetName(string name) => Add("prctl(PR_SET_NAME)", CallNumbers.ProcessControl, Libc.PR_SET_NAME, Text(name));

    /// <summary>Nobody of less privilege than the process had at its start looks into it until its program.</summary>
    public void ForbidDumps() => Add("prctl(PR_SET_DUMPABLE)", CallNumbers.ProcessControl, Libc.PR_SET_DUMPABLE, 0);

    /// <summary>Nothing gains privileges by exec.</summary>
    public void ForbidNewPrivileges() => Add("prctl(PR_SET_NO_NEW_PRIVS)", CallNumbers.ProcessControl, Libc.PR_SET_NO_NEW_PRIVS, 1);

    /// <summary>Goes on as a child of this one's parent; this process ends and its report has the new one's number.</summary>
    public void Continue() => Add(ContinueName, CallNumbers.Clone, (0, 0), Libc.CLONE_PARENT | Libc.SIGCHLD);

    /// <summary>Signals everybody that the process sees, but itself and the first process of its namespace.</summary>
    /// <param name="signal">A number of <see cref="Signal"/>.</param>
    public void SignalAll(int signal) => Add("kill", CallNumbers.Kill, -1, signal);

    /// <summary>Leads a session and a group.</summary>
    public void NewSession() => Add("setsid", CallNumbers.NewSession);

    /// <summary>Takes a terminal as the session's.</summary>
    public void TakeTerminal(int descriptor) => Add("ioctl(TIOCSCTTY)", CallNumbers.Control, descriptor, Libc.TIOCSCTTY);

    /// <summary>Goes to a directory.</summary>
    public void ChangeDirectory(string path) => Add("chdir", CallNumbers.ChangeDirectory, Text(path));

    /// <summary>Gives up all supplementary groups.</summary>
    public void LeaveGroups() => Add("setgroups", Libc.SYS_setgroups);

    /// <summary>Becomes a user, with a group of the same number.</summary>
    public void BecomeUser(long id) => BecomeUser(id, id);

    /// <summary>Becomes a user with a group of another number.</summary>
    /// <param name="user">The user.</param>
    /// <param name="group">The group.</param>
    public void BecomeUser(long user, long group)
    {
        Add("setresgid", Libc.SYS_setresgid, group, group, group);
        Add("setresuid", Libc.SYS_setresuid, user, user, user);
    }

    /// <summary>Gives up all capabilities, for whatever it starts as well. A kernel may know fewer than can be named.</summary>
    public void DropCapabilities()
    {
        for (int number = 0; number <= LastCapability; number++)
        {
            Add("prctl(PR_CAPBSET_DROP)", CallNumbers.ProcessControl, (-Errno.EINVAL, 0), Libc.PR_CAPBSET_DROP, number);
        }

        Add("prctl(PR_CAP_AMBIENT)", CallNumbers.ProcessControl, Libc.PR_CAP_AMBIENT, Libc.PR_CAP_AMBIENT_CLEAR_ALL);
    }

    /// <summary>Has none left in force; after <see cref="BecomeUser(long)"/>, which takes one.</summary>
    public void ClearCapabilities()
    {
        long header = Bytes(MemoryMarshal.AsBytes<long>([CapabilityVersion3]));
        Add("capset", Libc.SYS_capset, header, Bytes(new byte[24]));
    }

    /// <summary>Puts a filter of system calls on the process and all it starts.</summary>
    /// <param name="instructions">The kernel's instructions.</param>
    public void Filter(ReadOnlySpan<byte> instructions)
    {
        long at = Bytes(instructions);
        long program = Bytes(MemoryMarshal.AsBytes<long>([instructions.Length / 8, at]));
        Add("seccomp", Libc.SYS_seccomp, Libc.SECCOMP_SET_MODE_FILTER, 0, program);
    }

    /// <summary>Sets a limit, hard and soft alike.</summary>
    /// <param name="resource">RLIMIT_… by number.</param>
    /// <param name="value">The limit.</param>
    public void Limit(int resource, long value) =>
        Add($"prlimit({resource})", CallNumbers.Limit, 0, resource, Bytes(MemoryMarshal.AsBytes<long>([value, value])));

    /// <summary>Executes the first of some programs that is there.</summary>
    /// <param name="programs">Paths, tried one after the other.</param>
    /// <param name="arguments">The arguments.</param>
    /// <param name="environment">The environment.</param>
    public void Execute(IReadOnlyList<string> programs, IReadOnlyList<string> arguments, IReadOnlyList<string> environment)
    {
        (long given, long variables) = (Texts(arguments), Texts(environment));
        for (int i = 0; i < programs.Count; i++)
        {
            // ENOENT, EACCES, ENOTDIR: it is not there, or not for this user; the next may be. What the last one says is said.
            Add("execve", Libc.NumberOfExecve, i < programs.Count - 1 ? (-Errno.ENOTDIR, -Errno.ENOENT) : (0, 0), Text(programs[i]), given, variables);
        }
    }
}
