using static Strata.Supervision.ServiceState;
using A = Strata.Supervision.ServiceAction;
using E = Strata.Supervision.ServiceEvent;

namespace Strata.Supervision;

/// <summary>
/// The whole life of a service: every state with every event. Nothing else in this library decides a next state.
/// Four decisions (Resume, GiveUp, Rest, Abandon) are fed to the table by the machine itself when a Stopping or Crashed
/// service has lost its process or outlived every kill, so that a condition never hides inside a cell.
/// </summary>
public static class TransitionTable
{
    // Each word of the grid: the state it leads to (or that it stays), and what is done on the way.
    private static readonly Cell Launch = To(Starting, A.BeginAfresh); // wanted up, with a clean slate
    private static readonly Cell Retry = To(Starting, A.Begin); // wanted up, crashes remembered
    private static readonly Cell Spawn = To(Starting, A.Spawn); // create the process
    private static readonly Cell Serve = To(Healthy, A.BecomeHealthy); // ready
    private static readonly Cell Alive = To(Healthy, A.RearmWatchdog); // sign of life
    private static readonly Cell Drain = To(Stopping, A.Drain); // SIGTERM, then wait
    private static readonly Cell Turn = To(Stopping, A.DrainToFollow); // drained, to come back with the one that crashed
    private static readonly Cell Hurry = To(Stopping, A.ShortenDrain); // the earlier deadline wins
    private static readonly Cell Doomed = To(Stopping, A.KeepKilling); // already killed; only the sequel changes
    private static readonly Cell Crash = To(Crashed, A.Crash); // failed, the process is gone
    private static readonly Cell Fell = To(Crashed, A.CrashAndKill); // failed, the process lives: SIGKILL
    private static readonly Cell Wait = To(Restarting, A.BackOff); // arm the backoff
    private static readonly Cell Halt = To(Quarantined, A.LayToRest); // stay down
    private static readonly Cell Down = To(Stopped, A.LayToRest); // at rest
    private static readonly Cell Done = To(Completed, A.LayToRest); // ended as it should
    private static readonly Cell Sleep = To(Waiting, A.Await); // until its next time
    private static readonly Cell Look = Keep(A.Await); // at the clock, once more
    private static readonly Cell Run = To(Starting, A.BeginRun); // its time has come
    private static readonly Cell Idle = To(Listening, A.Listen); // no process until somebody connects
    private static readonly Cell Rouse = To(Starting, A.DemandAfresh); // an operator does not wait for a connection
    private static readonly Cell Wake = To(Starting, A.Demand); // somebody did
    private static readonly Cell Kill = Keep(A.Kill); // SIGKILL, then wait
    private static readonly Cell Pid = Keep(A.RecordPid); // spawn confirmed
    private static readonly Cell Late = Keep(A.SignalLateSpawn); // spawn confirmed too late: signal at once
    private static readonly Cell Gone = Keep(A.ForgetProcess); // ended as asked; a decision follows
    private static readonly Cell Stay = Keep(A.None); // nothing to do
    private static readonly Cell __ = new(TransitionKind.Ignore, null, A.None);
    private static readonly Cell Up = Refuse("is already running");
    private static readonly Cell Coming = Refuse("is already starting");
    private static readonly Cell Going = Refuse("is stopping; start it once it has stopped");
    private static readonly Cell Dying = Refuse("has crashed and its process is being killed; start it once it is gone, unless it restarts by itself");

    private static readonly Dictionary<E, Cell[]> Grid = new()
    {
        //                       Declared    Starting  Healthy  Stopping  Crashed  Restarting  Stopped  Quarantined  Completed  Waiting  Listening
        [E.Start] =             [Launch,     Coming,   Up,      Going,    Dying,   Launch,     Launch,  Launch,      Launch,    Launch,   Rouse],
        [E.Stop] =              [Down,       Drain,    Drain,   Hurry,    Doomed,  Down,       Stay,    Down,        Down,      Down,     Down],
        [E.Restart] =           [Launch,     Drain,    Drain,   Hurry,    Doomed,  Launch,     Launch,  Launch,      Launch,    Launch,   Launch],
        [E.Follow] =            [__,         Turn,     Turn,    __,       __,      __,         __,      __,          __,        __,       __],
        [E.Reload] =            [__,         Drain,    Drain,   __,       Doomed,  Launch,     __,      Launch,      Launch,    Launch,   Launch],
        [E.DependenciesReady] = [__,         Spawn,    __,      __,       __,      __,         __,      __,          __,        __,       __],
        [E.Spawned] =           [__,         Pid,      Pid,     Late,     Late,    __,         __,      __,          __,        __,       __],
        [E.SpawnFailed] =       [__,         Crash,    Crash,   Gone,     Gone,    __,         __,      __,          __,        __,       __],
        [E.Ready] =             [__,         Serve,    __,      __,       __,      __,         __,      __,          __,        __,       __],
        [E.WatchdogPing] =      [__,         __,       Alive,   __,       __,      __,         __,      __,          __,        __,       __],
        [E.Exited] =            [__,         Crash,    Crash,   Gone,     Gone,    __,         __,      __,          __,        __,       __],
        [E.Finished] =          [__,         Done,     Done,    Gone,     Gone,    __,         __,      __,          __,        __,       __],
        [E.ReadyTimeout] =      [__,         Fell,     __,      __,       __,      __,         __,      __,          __,        __,       __],
        [E.WatchdogMissed] =    [__,         __,       Fell,    __,       __,      __,         __,      __,          __,        __,       __],
        [E.WentIdle] =          [__,         __,       Idle,    __,       __,      __,         __,      __,          __,        __,       __],
        [E.AwaitConnection] =   [__,         Idle,     __,      __,       __,      __,         __,      __,          __,        __,       __],
        [E.Connected] =         [__,         __,       __,      __,       __,      __,         __,      __,          __,        __,       Wake],
        [E.DrainElapsed] =      [__,         __,       __,      Kill,     __,      __,         __,      __,          __,        __,       __],
        [E.KillElapsed] =       [__,         __,       __,      Kill,     Kill,    __,         __,      __,          __,        __,       __],
        [E.BackoffElapsed] =    [__,         __,       __,      __,       __,      Retry,      __,      __,          __,        __,       __],
        [E.Due] =               [__,         __,       __,      __,       __,      __,         __,      __,          __,        Run,      __],
        [E.AwaitTime] =         [Sleep,      Sleep,    __,      Sleep,    Sleep,   __,         __,      __,          __,        Look,     __],
        [E.Resume] =            [__,         __,       __,      Retry,    Wait,    __,         __,      __,          __,        __,       __],
        [E.GiveUp] =            [__,         __,       __,      __,       Halt,    __,         __,      __,          __,        __,       __],
        [E.Rest] =              [__,         __,       __,      Down,     Down,    __,         __,      __,          __,        __,       __],
        [E.Abandon] =           [__,         __,       __,      Down,     Down,    __,         __,      __,          __,        __,       __],
    };

    /// <summary>The cell for a state and an event. Every pair has one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A value outside the enumerations.</exception>
    public static Transition Lookup(ServiceState state, ServiceEvent occurred)
    {
        if (!Grid.TryGetValue(occurred, out var row))
        {
            throw new ArgumentOutOfRangeException(nameof(occurred), occurred, "not an event of a service");
        }

        if ((uint)state >= (uint)row.Length)
        {
            throw new ArgumentOutOfRangeException(nameof(state), state, "not a state of a service");
        }

        var cell = row[(int)state];
        return new Transition(cell.Kind, cell.Next ?? state, cell.Action, cell.Refusal);
    }

    private static Cell To(ServiceState next, A action) => new(TransitionKind.Move, next, action);

    private static Cell Keep(A action) => new(TransitionKind.Move, null, action);

    private static Cell Refuse(string reason) => new(TransitionKind.Refuse, null, A.None, reason);

    private sealed record Cell(TransitionKind Kind, ServiceState? Next, A Action, string? Refusal = null);
}
