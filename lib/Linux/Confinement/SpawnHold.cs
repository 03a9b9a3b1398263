using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// Holds a child between its making and its first instruction, so that limits can be set that only its pid names. A filter on the
/// spawning thread, which the child inherits, stops one system call that only the spawn makes and tells us the child's pid; the child goes on when answered.
/// </summary>
/// <remarks>
/// In place of fork and exec, where code could run in between, and of SIGSTOP, which anybody may end. The call is an fchdir to a number that is never
/// a descriptor; or exec itself, which from then on, once nobody answers any more, fails with ENOSYS: no other program after the first.
/// </remarks>
internal static unsafe class SpawnHold
{
    /// <summary>The number that the held fchdir names.</summary>
    internal const int NoDescriptor = 0x53545241;

    private const ushort Load = 0x20;
    private const ushort JumpIfEqual = 0x15;
    private const ushort Return = 0x06;
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;
    private const uint Allow = 0x7fff0000;
    private const uint Notify = 0x7fc00000;
    private const nuint Receive = 0xC0502100;
    private const nuint Send = 0xC0182101;
    private const uint Continue = 1;

    /// <summary>The filter that holds at fchdir, or at every exec.</summary>
    internal static Libc.FilterInstruction[] Program(bool atExec) => atExec
        ?
        [
            new(Load, 0, 0, ArchitectureOffset), new(JumpIfEqual, 0, 4, Libc.AuditArchitecture),
            new(Load, 0, 0, NumberOffset), new(JumpIfEqual, 1, 0, Libc.NumberOfExecve), new(JumpIfEqual, 0, 1, Libc.NumberOfExecveat),
            new(Return, 0, 0, Notify), new(Return, 0, 0, Allow),
        ]
        :
        [
            new(Load, 0, 0, ArchitectureOffset), new(JumpIfEqual, 0, 5, Libc.AuditArchitecture),
            new(Load, 0, 0, NumberOffset), new(JumpIfEqual, 0, 3, Libc.NumberOfFchdir),
            new(Load, 0, 0, FirstArgumentOffset), new(JumpIfEqual, 0, 1, NoDescriptor),
            new(Return, 0, 0, Notify), new(Return, 0, 0, Allow),
        ];

    /// <summary>Puts a filter on the calling thread.</summary>
    /// <param name="program">The filter.</param>
    /// <param name="listen">Whether somebody is to answer what it holds.</param>
    /// <param name="log">Whether the kernel's audit records what it denies.</param>
    /// <returns>The descriptor to listen on when one was asked for, else 0; or a negated <see cref="Errno"/>.</returns>
    internal static int Install(Libc.FilterInstruction[] program, bool listen, bool log = false)
    {
        fixed (Libc.FilterInstruction* instructions = program)
        {
            var wrapped = new Libc.FilterProgram { Length = (ushort)program.Length, Instructions = instructions };
            nint flags = (listen ? Libc.SECCOMP_FILTER_FLAG_NEW_LISTENER : 0) | (log ? Libc.SECCOMP_FILTER_FLAG_LOG : 0);
            return Libc.Result(Libc.syscall(Libc.SYS_seccomp, Libc.SECCOMP_SET_MODE_FILTER, flags, (nint)(&wrapped), 0));
        }
    }

    /// <summary>Waits for the child, has it prepared and lets it go. Returns also when the spawn failed before the hold.</summary>
    /// <param name="listener">What <see cref="Install"/> gave; closed here.</param>
    /// <param name="done">Readable once the child has ended or runs its program.</param>
    /// <param name="atExec">Which call is held.</param>
    /// <param name="prepare">Told the child's pid. If it throws, the child's spawn fails.</param>
    internal static void Attend(FileDescriptor listener, FileDescriptor done, bool atExec, Action<int> prepare)
    {
        using (listener)
        {
            if (!TryReceive(listener.Number, done.Number, out Libc.SeccompNotification held))
            {
                return;
            }

            bool prepared = false;
            try
            {
                prepare(held.Pid);
                prepared = true;
            }
            finally
            {
                var answer = new Libc.SeccompResponse { Id = held.Id, Error = prepared ? 0 : -Errno.EPERM, Flags = prepared && atExec ? Continue : 0 };
                _ = Libc.ioctl(listener.Number, Send, &answer);
            }
        }
    }

    /// <summary>
    /// Moves a fresh listener to a number that was known when the spawn was prepared, so that the child can close its copy first of all. A child that
    /// kept one would wait for ever if we died: nobody answers, but somebody still listens.
    /// </summary>
    internal static int MoveListener(int listener, int place)
    {
        int result = Libc.Result(Libc.dup3(listener, place, Libc.O_CLOEXEC));
        _ = Libc.close(listener);
        return result;
    }

    private static bool TryReceive(int listener, int done, out Libc.SeccompNotification held)
    {
        using var epoll = new Epoll();
        epoll.Add(listener, EpollEvents.Readable, 1);
        epoll.Add(done, EpollEvents.Readable, 2);
        var ready = new EpollReady[2];
        while (true)
        {
            held = default;
            int count = epoll.Wait(ready, -1);
            if (count == 0 || !Array.Exists(ready[..count], one => one.UserData == 1))
            {
                if (count > 0)
                {
                    return false; // It ended before it came here.
                }

                continue;
            }

            fixed (Libc.SeccompNotification* into = &held)
            {
                int result = Libc.Result(Libc.ioctl(listener, Receive, into));
                if (result >= 0)
                {
                    return true;
                }

                if (result != -Errno.EINTR && (ready[0].Events & EpollEvents.HangUp) != 0)
                {
                    return false;
                }
            }
        }
    }
}
