using Strata.Linux;

namespace Strata.Exec;

/// <summary>
/// Runs one program from start to end on the calling thread: params in, result out, never longer than its time. The run is
/// over when the process is, whoever else still holds its pipes; what is left of its process group is killed then.
/// </summary>
internal sealed class ProgramRun : IDisposable
{
    private const ulong Process = 0, Output = 1, Errors = 2, Input = 3, Abort = 4;

    private readonly TimeProvider _time;
    private readonly long _started;
    private readonly Epoll _epoll = new();
    private readonly EventFd _abort = new();
    private readonly Pipe _input = Pipe.Create(nonBlockingReader: false);
    private readonly Pipe _output = Pipe.Create();
    private readonly Pipe _errors = Pipe.Create();
    private readonly Collected _printed;
    private readonly Collected _complaints;
    private ReadOnlyMemory<byte> _unsent;
    private ChildProcess? _child;

    private ProgramRun(ReadOnlyMemory<byte> input, TimeProvider time)
    {
        (_unsent, _time, _started) = (input, time, time.GetTimestamp());
        _printed = new Collected(_output.Reader, ExecLimits.MaxOutputBytes);
        _complaints = new Collected(_errors.Reader, ExecLimits.MaxErrorBytes);
        if (Descriptors.TrySetNonBlocking(_input.Writer.Number, nonBlocking: true) is < 0 and var error)
        {
            throw new LinuxException(error, "fcntl(F_SETFL)"); // Else a program that does not read would hold this thread.
        }
    }

    /// <summary>Runs a program.</summary>
    /// <param name="spawning">Starts it.</param>
    /// <param name="request">What to start; its standard descriptors are this method's business.</param>
    /// <param name="input">What it reads.</param>
    /// <param name="timeout">When it is killed.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Kills it earlier.</param>
    /// <exception cref="LinuxException">It could not be started.</exception>
    /// <exception cref="InvalidOperationException">Too many starts wait.</exception>
    internal static RunOutcome Run(
        SpawnThread spawning, SpawnRequest request, ReadOnlyMemory<byte> input, TimeSpan timeout, TimeProvider time, CancellationToken cancellation)
    {
        using var run = new ProgramRun(input, time);
        using var onCancel = cancellation.UnsafeRegister(static abort => ((EventFd)abort!).Signal(), run._abort);
        run.Start(spawning, request);
        return run.Finish(timeout);
    }

    public void Dispose()
    {
        _child?.Dispose();
        _input.Dispose();
        _output.Dispose();
        _errors.Dispose();
        _abort.Dispose();
        _epoll.Dispose();
    }

    private void Start(SpawnThread spawning, SpawnRequest request)
    {
        _child = spawning.Spawn(request with
        {
            StandardInput = _input.Reader.Number, StandardOutput = _output.Writer.Number, StandardError = _errors.Writer.Number, NewSession = true,
        });
        _input.Reader.Dispose();
        _output.Writer.Dispose();
        _errors.Writer.Dispose();
        _epoll.Add(_child.Handle.Number, EpollEvents.Readable, Process);
        _epoll.Add(_output.Reader.Number, EpollEvents.Readable, Output);
        _epoll.Add(_errors.Reader.Number, EpollEvents.Readable, Errors);
        _epoll.Add(_input.Writer.Number, EpollEvents.Writable, Input);
        _epoll.Add(_abort.Handle.Number, EpollEvents.Readable, Abort);
    }

    private RunOutcome Finish(TimeSpan timeout)
    {
        var end = Follow(_started, timeout, killed: false);
        if (end != RunEnd.Exited)
        {
            _ = _child!.TrySignalGroup(Signal.SIGKILL);
            Follow(_time.GetTimestamp(), ExecLimits.KillPatience, killed: true);
        }

        // Before the process is reaped its group's number is still its own.
        _ = _child!.TrySignalGroup(Signal.SIGKILL);
        _printed.Take();
        _complaints.Take();
        var exit = _child.TryReap(out var how) == 1 ? how : (ProcessExit?)null;
        end = end == RunEnd.Exited && _printed.Lost > 0 ? RunEnd.TooMuchOutput : end;
        return new RunOutcome(end, exit, _printed.Bytes, _complaints.Bytes) { ErrorsLost = _complaints.Lost };
    }

    /// <summary>Serves the pipes until the process has ended, or must be ended.</summary>
    private RunEnd Follow(long since, TimeSpan limit, bool killed)
    {
        Span<EpollReady> ready = stackalloc EpollReady[5];
        while (limit - _time.GetElapsedTime(since) is { Ticks: > 0 } left)
        {
            var count = _epoll.Wait(ready, (int)Math.Ceiling(left.TotalMilliseconds));
            foreach (var item in ready[..count])
            {
                if (item.UserData == Process)
                {
                    return RunEnd.Exited;
                }

                Serve(item.UserData);
            }

            if (!killed && (_printed.Lost > 0 || _abort.Drain() > 0))
            {
                return _printed.Lost > 0 ? RunEnd.TooMuchOutput : RunEnd.Cancelled;
            }
        }

        return RunEnd.TimedOut;
    }

    private void Serve(ulong source)
    {
        switch (source)
        {
            case Output:
                Read(_printed, _output.Reader);
                break;
            case Errors:
                Read(_complaints, _errors.Reader);
                break;
            case Input:
                Write();
                break;
            default:
                break;
        }
    }

    private void Read(Collected into, FileDescriptor from)
    {
        into.Take();
        if (into.Ended)
        {
            _ = _epoll.TryRemove(from.Number);
        }
    }

    private void Write()
    {
        var count = _unsent.IsEmpty ? 0 : Descriptors.TryWrite(_input.Writer.Number, _unsent.Span);
        if (count is -Errno.EAGAIN or -Errno.EINTR)
        {
            return;
        }

        // A program that closes its input, or ends without having read it, has simply no need of it.
        _unsent = count < 0 ? default : _unsent[count..];
        if (_unsent.IsEmpty)
        {
            _ = _epoll.TryRemove(_input.Writer.Number);
            _input.Writer.Dispose();
        }
    }
}
