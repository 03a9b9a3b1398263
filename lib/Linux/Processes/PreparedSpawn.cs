using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>
/// One spawn with everything made ready, so that its making is one call. The child then waits at a gate until <see cref="Finish"/> lets it run its
/// program: whoever must know of a process before it does anything is told of it there. If we die before, the gate is closed with us and the child ends.
/// </summary>
internal sealed unsafe class PreparedSpawn : IDisposable
{
    private const int LastSignal = 64;
    private const int KernelSignalSetBytes = 8;

    private readonly string _program;
    private readonly CStringArray _texts;
    private readonly CStringArray _arguments;
    private readonly CStringArray _environment;
    private readonly CallList _calls = new();
    private readonly List<FileDescriptor> _lifted = [];
    private readonly FileDescriptor _open;
    private readonly FileDescriptor _done;

    private PreparedSpawn(SpawnRequest request, int first, Pipe gate, Pipe done)
    {
        _program = request.Program;
        (_open, _done) = (gate.Writer, done.Reader);
        // Lifted above all targets, so that filling one target never overwrites the source of another.
        Gate = Lift(gate.Reader.Number, first);
        _ = Lift(done.Writer.Number, first);
        gate.Reader.Dispose();
        done.Writer.Dispose();
        _texts = new CStringArray([request.Program, request.WorkingDirectory ?? "/"]);
        _arguments = new CStringArray(request.Arguments);
        _environment = new CStringArray(request.Environment);
    }

    /// <summary>Ends when the child has begun its program, or has ended.</summary>
    internal FileDescriptor Done => _done;

    private int Gate { get; }

    /// <summary>Makes everything ready.</summary>
    /// <param name="request">What to start.</param>
    /// <param name="hold">Whether the child first stops where <see cref="SpawnHold"/> expects it.</param>
    /// <param name="listener">The number of the hold's listener, which is no business of the child; null without one.</param>
    internal static PreparedSpawn Of(SpawnRequest request, bool hold, int? listener = null)
    {
        request.Validate();
        var prepared = new PreparedSpawn(request, 3 + request.ExtraDescriptors.Count, Pipe.Create(nonBlockingReader: false), Pipe.Create(nonBlockingReader: false));
        try
        {
            prepared.AddCalls(request, hold, listener);
            return prepared;
        }
        catch
        {
            prepared.Dispose();
            throw;
        }
    }

    /// <summary>Makes the child.</summary>
    /// <returns>The pid, or a negated <see cref="Errno"/>.</returns>
    internal int TrySpawn() => _calls.TryStart();

    /// <summary>Closes what is the child's alone; from then on <see cref="Done"/> tells. After <see cref="TrySpawn"/>.</summary>
    internal void LeaveToChild() => _lifted.ForEach(descriptor => descriptor.Dispose());

    /// <summary>Lets the child go on to its program.</summary>
    internal void OpenGate() => _ = Descriptors.TryWrite(_open.Number, "1"u8);

    /// <summary>Opens the gate and waits until the program runs.</summary>
    /// <param name="pid">What <see cref="TrySpawn"/> gave.</param>
    /// <param name="beforeStart">Told the pid first; if it throws, the program is never begun.</param>
    /// <returns>The pid.</returns>
    /// <exception cref="LinuxException">The call that failed.</exception>
    internal int Finish(int pid, Action<int>? beforeStart)
    {
        LinuxException.Check(pid, "clone", _program);
        LeaveToChild();
        try
        {
            beforeStart?.Invoke(pid);
            OpenGate();
        }
        catch
        {
            Bury(pid);
            throw;
        }

        AwaitDone();
        if (_calls.Failed is { } failed)
        {
            Bury(pid);
            throw new LinuxException(failed.Result < 0 ? failed.Result : -Errno.ESRCH, failed.Name, _program);
        }

        return pid;
    }

    public void Dispose()
    {
        LeaveToChild();
        _open.Dispose();
        _done.Dispose();
        _texts.Dispose();
        _arguments.Dispose();
        _environment.Dispose();
        _calls.Dispose();
    }

    private void Bury(int pid)
    {
        _open.Dispose();
        AwaitDone();
        Libc.SignalInfo info;
        _ = Libc.waitid(Libc.P_PID, (uint)pid, &info, Libc.WEXITED);
    }

    // Nobody writes: there is only the end to be read.
    private void AwaitDone()
    {
        Span<byte> nothing = stackalloc byte[1];
        while (Descriptors.TryRead(_done.Number, nothing) == -Errno.EINTR)
        {
        }
    }

    private int Lift(int source, int first)
    {
        int above = Descriptors.TryDuplicate(source, first);
        _lifted.Add(new FileDescriptor(LinuxException.Check(above, "fcntl(F_DUPFD_CLOEXEC)", $"descriptor {source}")));
        return above;
    }

    private void AddCalls(SpawnRequest request, bool hold, int? listener)
    {
        // Whoever held the other end of its own gate would wait for ever if we died.
        _calls.Add("close", CallNumbers.Close, _open.Number);
        if (listener is { } number)
        {
            _calls.Add("close", CallNumbers.Close, (long.MinValue, long.MaxValue), number);
        }

        if (request.EndsWithParent)
        {
            // In this order: a parent that dies after the first is answered by the signal, one that died before is seen by the second.
            _calls.Add("prctl(PR_SET_PDEATHSIG)", CallNumbers.ProcessControl, Libc.PR_SET_PDEATHSIG, Signal.SIGKILL);
            _calls.Add("getppid", CallNumbers.ParentPid, (Environment.ProcessId, Environment.ProcessId));
        }

        if (request.NewSession)
        {
            _calls.Add("setsid", CallNumbers.NewSession);
        }

        for (int signal = 1; signal <= LastSignal; signal++)
        {
            if (signal is not (Signal.SIGKILL or Signal.SIGSTOP))
            {
                _calls.Add("rt_sigaction", CallNumbers.SignalAction, signal, _calls.Zeroes, 0, KernelSignalSetBytes);
            }
        }

        if (hold)
        {
            _calls.Add("fchdir", Libc.NumberOfFchdir, SpawnHold.NoDescriptor);
        }

        AddDescriptors(request);
        if (request.WorkingDirectory is not null)
        {
            _calls.Add("chdir", CallNumbers.ChangeDirectory, (long)_texts.Pointer[1]);
        }

        _calls.Add("read", CallNumbers.Read, (1, 1), Gate, _calls.ReadRoom, 1);
        AddExec();
    }

    private void AddDescriptors(SpawnRequest request)
    {
        int first = 3 + request.ExtraDescriptors.Count;
        int?[] sources = [request.StandardInput, request.StandardOutput, request.StandardError, .. request.ExtraDescriptors.Select(d => (int?)d)];
        using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        for (int target = 0; target < sources.Length; target++)
        {
            _calls.Add("dup3", CallNumbers.Duplicate, Lift(sources[target] ?? (int)nowhere.DangerousGetHandle(), first), target);
        }

        // Close-on-exec should do for all the rest; this makes sure of descriptors that somebody else's code opened without it.
        _calls.Add("close_range", CallNumbers.CloseRange, first, uint.MaxValue, Libc.CLOSE_RANGE_CLOEXEC);
    }

    private void AddExec()
    {
        _calls.Add("rt_sigprocmask", CallNumbers.SignalMask, Libc.SIG_SETMASK, _calls.Zeroes, 0, KernelSignalSetBytes);
        _calls.Add("execve", Libc.NumberOfExecve, (long)_texts.Pointer[0], (long)_arguments.Pointer, (long)_environment.Pointer);
    }
}
