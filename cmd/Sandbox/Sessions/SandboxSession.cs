using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>One session with its sandbox: what it was asked to be, and the gate that keeps it from everybody once it ends.</summary>
internal sealed class SandboxSession : IAsyncDisposable
{
    private readonly Lock _changing = new();
    private readonly SemaphoreSlim _turning = new(1);
    private readonly TimeProvider _time;
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ISandbox _sandbox;
    private Task? _ended;
    private int _uses;
    private long _lastUse;
    private long _execs;

    /// <param name="record">What it is.</param>
    /// <param name="environment">Its variables, secrets among them.</param>
    /// <param name="sandbox">Owned from here on.</param>
    /// <param name="time">The clock.</param>
    /// <param name="network">Its way out, owned from here on; null for none.</param>
    internal SandboxSession(SessionRecord record, IReadOnlyDictionary<string, string> environment, ISandbox sandbox, TimeProvider time, ISessionNetwork? network = null)
    {
        Network = network;
        (Key, Terms, Environment, _sandbox, _time) = (record.Key, record.Terms, environment, sandbox, time);
        Ended = _ending.Token;
        _lastUse = time.GetTimestamp();
    }

    /// <summary>Whose it is, and its name.</summary>
    internal SessionKey Key { get; }

    /// <summary>Its name.</summary>
    internal string Name => Key.Name;

    /// <summary>The service's own name for it, which is never used again.</summary>
    internal string Id => _sandbox.Plan.Id;

    /// <summary>What it was asked to be.</summary>
    internal SessionTerms Terms { get; }

    /// <summary>What it is at.</summary>
    internal SessionState State { get; private set; }

    /// <summary>Variables of every process in it, beside those that the service itself sets. Secrets among them: never to be told.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; }

    /// <summary>Whom processes run as inside.</summary>
    internal SessionAccount Account => SessionAccount.Of(Terms);

    /// <summary>Where programs start unless a call says otherwise.</summary>
    internal string WorkingDirectory { get; init; } = SessionDefaults.UsualDirectory;

    /// <summary>What its owner wrote on it.</summary>
    internal IReadOnlyDictionary<string, string> Labels => Terms.Labels;

    /// <summary>What enforces its limits.</summary>
    internal string EnforcedBy => _sandbox.EnforcedBy;

    /// <summary>The limits that it would have and that nothing here can hold.</summary>
    internal IReadOnlyList<string> NotEnforced => Terms.Cpus is not null && _sandbox.Plan.Limits.Cpus is null ? [SessionTerms.CpuLimit] : [];

    /// <summary>Cancelled when the session ends or gets another sandbox: whoever works with it stops.</summary>
    internal CancellationToken Ended { get; }

    /// <summary>Its way out; null when it has none of its own.</summary>
    internal ISessionNetwork? Network { get; }

    /// <summary>Commands begun in it.</summary>
    internal long Execs => Interlocked.Read(ref _execs);

    /// <summary>How many work with it now.</summary>
    internal int Uses => Volatile.Read(ref _uses);

    /// <summary>Since it was last used.</summary>
    internal TimeSpan Idle => _time.GetElapsedTime(Volatile.Read(ref _lastUse));

    /// <summary>Completes when its sandbox has ended, also when nobody asked for it.</summary>
    internal Task SandboxEnded => _sandbox.Ended;

    /// <summary>Begins to work with it.</summary>
    /// <param name="whilePaused">Whether that is possible while its processes stand still.</param>
    /// <param name="touches">Whether it counts as use. False for what only looks.</param>
    /// <exception cref="SandboxException">It has ended, or is paused.</exception>
    internal SessionUse Use(bool whilePaused = false, bool touches = true)
    {
        lock (_changing)
        {
            if (State == SessionState.Closed)
            {
                throw NotFound();
            }

            if (State == SessionState.Paused && !whilePaused)
            {
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.SessionPaused, "the session is paused; call sandbox.resume first");
            }

            _uses++;
            _lastUse = touches ? _time.GetTimestamp() : _lastUse;
            return new SessionUse(this, _sandbox, () => Leave(touches));
        }
    }

    /// <summary>It was used: its time begins anew.</summary>
    internal void Touch() => Volatile.Write(ref _lastUse, _time.GetTimestamp());

    /// <summary>A command is begun in it.</summary>
    internal void CountExec() => Interlocked.Increment(ref _execs);

    /// <summary>What another part keeps for the session, such as its shell: one of a kind, made on first use, disposed when the sandbox ends.</summary>
    internal T Part<T>(Func<SandboxSession, T> make) where T : class, IAsyncDisposable
    {
        lock (_changing)
        {
            if (_parts.OfType<T>().FirstOrDefault() is { } known)
            {
                return known;
            }

            if (State == SessionState.Closed)
            {
                throw NotFound();
            }

            var made = make(this);
            _parts.Add(made);
            return made;
        }
    }

    /// <summary>Stops every process where it is; nothing happens when they stand already.</summary>
    /// <returns>Whether they went.</returns>
    internal Task<bool> PauseAsync() => TurnAsync(SessionState.Running, SessionState.Paused, _sandbox.FreezeAsync);

    /// <summary>Lets them go on.</summary>
    /// <returns>Whether they stood.</returns>
    internal Task<bool> ResumeAsync() => TurnAsync(SessionState.Paused, SessionState.Running, _sandbox.ThawAsync);

    /// <summary>As for one that never was.</summary>
    internal static SandboxException NotFound() =>
        new(ErrorCode.NotFound, SandboxReasons.SessionNotFound, "you have no such session; sandbox.list names those you have, sandbox.create makes one");

    /// <summary>
    /// Ends it: nobody begins anything with it from here on, everything in it is killed, those who work with it leave, and only then its sandbox is
    /// disposed. Every caller waits for the same end.
    /// </summary>
    public ValueTask DisposeAsync()
    {
        lock (_changing)
        {
            State = SessionState.Closed;
            return new(_ended ??= Task.Run(EndAsync));
        }
    }

    private async Task<bool> TurnAsync(SessionState from, SessionState to, Func<Task> turn)
    {
        await _turning.WaitAsync().ConfigureAwait(false);
        try
        {
            if (State != from)
            {
                return State == SessionState.Closed ? throw NotFound() : false;
            }

            await turn().ConfigureAwait(false);
            lock (_changing)
            {
                (State, _lastUse) = (State == SessionState.Closed ? throw NotFound() : to, _time.GetTimestamp());
                return true;
            }
        }
        finally
        {
            _ = _turning.Release();
        }
    }

    private async Task EndAsync()
    {
        _sandbox.Kill();
        await _ending.CancelAsync().ConfigureAwait(false);
        lock (_changing)
        {
            if (_uses == 0)
            {
                _drained.TrySetResult();
            }
        }

        foreach (var part in Network is null ? _parts : [.. _parts, Network])
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }

        await _drained.Task.ConfigureAwait(false);
        await _sandbox.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    private void Leave(bool touches)
    {
        lock (_changing)
        {
            _lastUse = touches ? _time.GetTimestamp() : _lastUse;
            if (--_uses == 0 && State == SessionState.Closed)
            {
                _drained.TrySetResult();
            }
        }
    }
}
