using System.Collections.Concurrent;
using System.Collections.Immutable;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// The one thread that owns the node: it hears of exits, announcements, commands and time, asks the machine what follows,
/// and does it. It waits for nothing but these; whatever may take time is done elsewhere and reported back.
/// </summary>
internal sealed partial class NodeLoop : IDisposable
{
    /// <summary>Commands waiting for the loop; one more is refused.</summary>
    internal const int MaxWaitingCommands = 1024;

    private const ulong WakeId = 0;
    private const ulong NotifyId = 1;
    private const ulong FirstChildId = 2;

    private readonly Epoll _epoll = new();
    private readonly EventFd _wake = new();
    private readonly EpollReady[] _ready = new EpollReady[Epoll.MaxEventsPerWait];
    private readonly ConcurrentQueue<Mail> _mail = new();
    private readonly TaskCompletionSource<ImmutableArray<string>> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly NodeBoard _board;
    private readonly NodeClock _clock;
    private readonly ChildTable _children;
    private readonly ReadinessPipes _readiness;
    private readonly ConnectionWatch _connections;
    private readonly Announcements _announcements;
    private readonly EffectRunner _effects;
    private int _waitingCommands;
    private bool _over;

    /// <summary>Prepares the loop; nothing happens before <see cref="Start"/>.</summary>
    internal NodeLoop(NodeBoard board, NodeClock clock, NotifySocket notify, Launcher launcher, IRegistrar registrar)
    {
        (_board, _clock) = (board, clock);
        _children = new ChildTable(_epoll, FirstChildId) { OnGroupEnd = launcher.GroupEnded };
        _readiness = new ReadinessPipes(_epoll);
        _announcements = new Announcements(notify, _children, (service, message) => launcher.Stored.Take(service, message, RoomFor(service)));
        _connections = new ConnectionWatch(_epoll, launcher.SocketOf);
        _effects = new EffectRunner(_children, _readiness, _connections, launcher, registrar, Post);
        _epoll.Add(_wake.Handle.Number, EpollEvents.Readable, WakeId);
        _epoll.Add(notify.Handle.Number, EpollEvents.Readable, NotifyId);
    }

    /// <summary>Completes when everything has stopped, with the services whose process survived every kill; fails when the loop did.</summary>
    internal Task<ImmutableArray<string>> Ended => _ended.Task;

    /// <summary>Told from the loop each time it comes round, at least once in <see cref="BeatInterval"/>; must not block.</summary>
    internal Action? OnBeat { get; init; }

    /// <summary>How often the loop comes round though nothing happens, asked anew each time; null (default), and an answer of null, for never.</summary>
    internal Func<TimeSpan?>? BeatInterval { get; init; }

    /// <summary>Keeps when timers ran; null (default) when nobody does.</summary>
    internal RunMemory? Runs { get; init; }

    /// <summary>What earlier supervisors left; null (default) for nothing.</summary>
    internal Heritage? Heritage { get; init; }

    /// <summary>Keeps the record for later ones; null (default) for none.</summary>
    internal Recorder? Recorder { get; init; }

    /// <summary>Starts the loop, which starts the services.</summary>
    internal void Start() => new Thread(Run) { IsBackground = true, Name = "node" }.Start();

    /// <summary>Hands a command over; the task is its answer, null when too many wait already.</summary>
    internal Task<CommandReply>? TrySend(NodeEvent command)
    {
        if (Interlocked.Increment(ref _waitingCommands) > MaxWaitingCommands)
        {
            Interlocked.Decrement(ref _waitingCommands);
            return null;
        }

        var answer = new TaskCompletionSource<CommandReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(new Mail.Command(command, answer));
        return answer.Task;
    }

    /// <summary>Asks for a shutdown in good order.</summary>
    internal void Shutdown(string because) => Post(new Mail.Command(new NodeEvent.Shutdown(because), null));

    /// <summary>Asks for a shutdown that kills at once.</summary>
    internal void Hurry(string because) => Post(new Mail.Hurry(because));

    public void Dispose()
    {
        _children.Dispose();
        _readiness.Dispose();
        _connections.Dispose();
        _epoll.Dispose();
        _wake.Dispose();
    }

    private void Post(Mail mail)
    {
        _mail.Enqueue(mail);
        _wake.Signal();
    }

    private void Run()
    {
        try
        {
            Begin();
            while (!_over)
            {
                Handle(_epoll.Wait(_ready, TimeoutMs()));
                OnBeat?.Invoke();
                if (_board.Current.State.NextDeadline is { } due && due <= _clock.Now.Monotonic)
                {
                    // Whatever has happened already counts before the time that has passed: a supervisor that was itself
                    // held up must not take its own silence for that of its services.
                    Handle(_epoll.Wait(_ready, 0));
                    Apply(new NodeEvent.Tick());
                }

                LeaveIfPossible();
            }

            _ended.SetResult(_board.Current.State.Abandoned);
        }
#pragma warning disable CA1031 // Whatever it is, the services must not outlive it, and whoever waits for the node must hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _effects.KillAll();
            _ended.SetException(e);
        }
    }

    private void Begin()
    {
        if (Runs is { } runs)
        {
            _effects.OnRun = runs.Keep;
            Apply(new NodeEvent.TimersRan(runs.Load()));
        }

        foreach (var adopted in Heritage?.Children ?? [])
        {
            _effects.Adopt(adopted, _board.Current.State.Plan.Manifests[adopted.Name]);
            Recorder?.Add(adopted.Name, adopted.Process);
        }

        Apply(Heritage?.First ?? new NodeEvent.StartAll());
    }

    private void Handle(int count)
    {
        _wake.Drain();
        while (_mail.TryDequeue(out var mail))
        {
            Open(mail);
        }

        // Announcements come before exits: what a process said before it ended was said by it.
        foreach (var announced in _announcements.Take(_effects.IsSpawning))
        {
            Apply(announced);
        }

        foreach (var ready in _ready.AsSpan(0, count))
        {
            if (_readiness.Take(ready.UserData) is { } said)
            {
                Apply(said);
            }
            else if (_connections.Take(ready.UserData) is { } connected)
            {
                Apply(connected);
            }
            else if (_children.OfId(ready.UserData) is { } child && _children.TryCollect(child) is { } exit)
            {
                if (_readiness.TakeLast(child) is { } last)
                {
                    Apply(last);
                }

                _effects.Ended(child.Name, child.Incarnation);
                Recorder?.Remove(child.Name, child.Incarnation);
                Apply(new NodeEvent.Exited(child.Name, child.Incarnation, exit));
            }
        }
    }

    private void Open(Mail mail)
    {
        switch (mail)
        {
            case Mail.Command command:
                var before = _board.Current.State.Log.LastSequence;
                var result = Apply(command.Event);
                if (command.Answer is { } answer)
                {
                    Interlocked.Decrement(ref _waitingCommands);
                    answer.SetResult(new CommandReply(result, _board.Current.State, before));
                }

                break;
            case Mail.Born born:
                Recorder?.Add(born.Name, born.Process);
                Recorder?.Save(_board.Current);
                born.Recorded.Set();
                break;
            case Mail.Reconfigure reconfigure:
                reconfigure.Answer.SetResult(Reconfigure(reconfigure.Next));
                break;
            case Mail.SpawnEnded spawn:
                if (spawn.Child is null)
                {
                    Recorder?.Remove(spawn.Name, spawn.Incarnation);
                }

                Apply(_effects.Adopt(spawn));
                break;
            case Mail.Leave leave:
                Begin(leave);
                break;
            case Mail.Hurry hurry:
                _effects.Hurry();
                Apply(new NodeEvent.Shutdown(hurry.Because));
                break;
        }
    }

    private CommandResult Apply(NodeEvent happened)
    {
        var step = NodeMachine.Apply(_board.Current.State, happened, _clock.Now);
        CarryOut(step, isWorthKeeping: happened is NodeEvent.Spawned or NodeEvent.Stop);
        return step.Result;
    }

    private void CarryOut(Step step, bool isWorthKeeping = false)
    {
        var next = _board.Current.After(step);
        if (isWorthKeeping || !step.Effects.IsEmpty)
        {
            // Before anything follows from it: who comes after us must never know less than what was done.
            Recorder?.Save(next);
        }

        _board.Publish(next);
        foreach (var effect in step.Effects)
        {
            _over |= effect is Effect.Exit;
            _effects.Do(effect, step.State);
        }
    }

    // What has come to rest has no next instance to keep anything for.
    private int RoomFor(string service) =>
        _board.Current.State.Services.TryGetValue(service, out var status) && !status.IsAtRest ? status.Manifest.FdStoreMax : 0;

    private int TimeoutMs()
    {
        var left = BeatInterval?.Invoke();
        if (_board.Current.State.NextDeadline - _clock.Now.Monotonic is { } due && !(left < due))
        {
            left = due;
        }

        return left is { } wait ? (int)Math.Clamp(Math.Ceiling(wait.TotalMilliseconds), 0, int.MaxValue) : -1;
    }
}
