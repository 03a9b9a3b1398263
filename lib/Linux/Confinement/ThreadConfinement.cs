using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// A <see cref="Confinement"/> made ready by a free thread, then put on the thread that spawns. On that thread nothing but system calls on prepared
/// memory may happen: what the runtime would start, load or report there would be confined, too.
/// </summary>
internal sealed unsafe class ThreadConfinement : IDisposable
{
    private readonly Confinement _confinement;
    private readonly FileDescriptor? _ruleset;
    private readonly FileDescriptor? _scope;
    private readonly PrivateMounts? _mounts;
    private readonly Libc.FilterInstruction[]? _profile;
    private readonly Libc.FilterInstruction[] _quiet = SeccompFilter.Quiet;
    private readonly Libc.FilterInstruction[] _hold;
    private readonly ulong _keep;

    internal ThreadConfinement(Confinement confinement, string program)
    {
        _confinement = confinement;
        _keep = CapabilitySet.MaskOf(confinement.KeepCapabilities ?? []);
        RequirePrivileges(confinement);
        HoldsAtExec = confinement.Seccomp == SeccompProfile.Strict;
        _hold = SpawnHold.Program(HoldsAtExec);
        _profile = confinement.Seccomp == SeccompProfile.None ? null : SeccompFilter.Of(confinement.Seccomp);
        _ruleset = confinement.Files is { } files ? Landlock.Create(files, program) : null;
        _scope = confinement.OwnProcesses ? Landlock.CreateScope() : null;
        _mounts = confinement.PrivateTmp ? new PrivateMounts(confinement.KeptInTmp) : null;
    }

    /// <summary>Whether the spawn is held at exec and not before.</summary>
    internal bool HoldsAtExec { get; }

    /// <summary>Confines the calling thread, all but its user.</summary>
    /// <param name="listener">The number that is to become the listener of the hold; null when the spawn is not held.</param>
    /// <returns>The step that failed, or none.</returns>
    internal Step Apply(int? listener)
    {
        Step step = ApplyPlaces();
        step = step.Failed ? step : ApplyPrivileges();
        if (!step.Failed && _ruleset is not null)
        {
            step = new Step("confinement.read", "landlock_restrict_self", Landlock.Restrict(_ruleset.Number));
        }

        if (!step.Failed && _scope is not null)
        {
            step = new Step("confinement.processes", "landlock_restrict_self", Landlock.Restrict(_scope.Number));
        }

        if (!step.Failed && listener is { } place)
        {
            // Once nobody answers any more, the hold at exec denies: that is recorded.
            int made = SpawnHold.Install(_hold, listen: true, log: HoldsAtExec);
            step = new Step(HoldsAtExec ? "confinement.seccomp" : "limits", "seccomp(NEW_LISTENER)", made < 0 ? made : SpawnHold.MoveListener(made, place));
        }

        if (step.Failed || _profile is null)
        {
            return step;
        }

        int quiet = SpawnHold.Install(_quiet, listen: false);
        return new Step("confinement.seccomp", "seccomp", quiet < 0 ? quiet : SpawnHold.Install(_profile, listen: false, log: true));
    }

    /// <summary>
    /// Makes the calling thread the other user. Root stays its saved user, so that it can come back at once: while it is somebody else, that user's
    /// processes may signal it, and a thread's end by a signal is the whole process's. The child's saved user is replaced by its exec.
    /// </summary>
    internal Step EnterUser()
    {
        if (_confinement.User is not { } user)
        {
            return default;
        }

        var step = new Step("confinement.group", "setgroups", Libc.Result(Libc.syscall(Libc.SYS_setgroups, 0, 0, 0, 0)));
        if (!step.Failed && user.Gid is { } gid)
        {
            step = new Step("confinement.group", "setresgid", Libc.Result(Libc.syscall(Libc.SYS_setresgid, (nint)gid, (nint)gid, -1, 0)));
        }

        if (!step.Failed && user.Uid is { } uid)
        {
            step = new Step("confinement.user", "setresuid", Libc.Result(Libc.syscall(Libc.SYS_setresuid, (nint)uid, (nint)uid, -1, 0)));
        }

        return step;
    }

    /// <summary>Comes back from <see cref="EnterUser"/>. The saved ids make it possible, so it cannot fail.</summary>
    internal void LeaveUser()
    {
        if (_confinement.User is not null)
        {
            _ = Libc.syscall(Libc.SYS_setresuid, 0, 0, 0, 0);
            _ = Libc.syscall(Libc.SYS_setresgid, 0, 0, 0, 0);
        }
    }

    public void Dispose()
    {
        _mounts?.Dispose();
        _ruleset?.Dispose();
        _scope?.Dispose();
    }

    private Step ApplyPlaces()
    {
        if (_confinement.NoNetwork)
        {
            var step = new Step("confinement.network", "unshare(CLONE_NEWNET)", Libc.Result(Libc.unshare(Libc.CLONE_NEWNET)));
            if (step.Failed)
            {
                return step;
            }
        }

        if (_mounts is null)
        {
            return default;
        }

        var mounted = new Step("confinement.private_tmp", "unshare and mount", _mounts.Apply());
        return mounted.Failed || _ruleset is null
            ? mounted
            : new Step("confinement.private_tmp", "landlock_add_rule", Landlock.AllowWrite(_ruleset.Number, _mounts.TmpPath));
    }

    private Step ApplyPrivileges()
    {
        var step = default(Step);
        if (_confinement.KeepCapabilities is not null && UserId.Effective == 0)
        {
            step = new Step("confinement.keep_capabilities", "prctl(PR_CAPBSET_DROP)", CapabilitySet.Restrict(_keep, ambient: _confinement.User?.Uid is > 0));
        }

        return step.Failed || !_confinement.NoNewPrivileges
            ? step
            : new Step("confinement.no_new_privileges", "prctl(PR_SET_NO_NEW_PRIVS)", Libc.Result(Libc.prctl(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)));
    }

    private void RequirePrivileges(Confinement confinement)
    {
        bool root = UserId.Effective == 0;
        if (!root && confinement.User is not null)
        {
            throw new ConfinementException("confinement.user", "only a supervisor run by root can start a service as another user or group; leave user and group out");
        }

        if (!root && _keep != 0)
        {
            throw new ConfinementException("confinement.keep_capabilities", "only a supervisor run by root has capabilities to keep; leave it out");
        }

        if (!root && !confinement.NoNewPrivileges && confinement.KeepCapabilities is not null)
        {
            throw new ConfinementException("confinement.no_new_privileges", "false needs a supervisor run by root, which alone can take the capabilities away that set-user-id programs would give; leave it out");
        }

        ulong missing = _keep & ~CapabilitySet.Permitted();
        if (missing != 0)
        {
            throw new ConfinementException("confinement.keep_capabilities", $"the supervisor itself lacks {CapabilitySet.Names[System.Numerics.BitOperations.TrailingZeroCount(missing)]}; leave it out");
        }
    }

    /// <summary>What came of one system call.</summary>
    /// <param name="Field">The manifest's field that asked for it.</param>
    /// <param name="Call">Its name.</param>
    /// <param name="Result">At least 0, or a negated <see cref="Errno"/>.</param>
    internal readonly record struct Step(string Field, string Call, int Result)
    {
        internal bool Failed => Result < 0;
    }
}
