using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>One session: a sandbox, what it was asked to be, and the gate that keeps it from everybody once it ends.</summary>
internal sealed class SandboxSession : IAsyncDisposable
{
    private readonly Lock _changing = new();
    private readonly TimeProvider _time;
    private readonly List<IAsyncDisposable> _parts = [];
    private readonly CancellationTokenSource _ending = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _ended;
    private readonly ISandbox _sandbox;
    private int _uses;
    private long _lastUse;

    internal SandboxSession(SessionKey key, ISandbox sandbox, TimeProvider time)
    {
        (Key, _sandbox, _time) = (key, sandbox, time);
        _lastUse = time.GetTimestamp();
    }

    /// <summary>Whose it is, and its name.</summary>
    internal SessionKey Key { get; }

    /// <summary>Its name.</summary>
    internal string Name => Key.Name;

    /// <summary>The service's own name for it, which is never used again.</summary>
    internal string Id => _sandbox.Plan.Id;

    /// <summary>What it is at.</summary>
    internal SessionState State { get; private set; }

    /// <summary>Variables of every process in it, beside those that the service itself sets. Secrets among them: never to be told.</summary>
    internal IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Whom processes run as inside unless a call says otherwise: 1000 or 0.</summary>
    internal int User => _sandbox.Plan.User;

    /// <summary>What its owner wrote on it.</summary>
    internal IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Cancelled when the session ends: whoever works with it stops.</summary>
    internal CancellationToken Ended => _ending.Token;

    /// <summary>Begins to work with it.</summary>
    /// <param name="whilePaused">Whether that is possible while its processes stand still.</param>
    /// <exception cref="SandboxException">It has ended, or is paused.</exception>
    internal SessionUse Use(bool whilePaused = false)
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
            _lastUse = _time.GetTimestamp();
            return new SessionUse(this, _sandbox, Leave);
        }
    }

    /// <summary>It was used: its time begins anew.</summary>
    internal void Touch()
    {
        lock (_changing)
        {
            _lastUse = _time.GetTimestamp();
        }
    }

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
            return new(_ended ??= EndAsync());
        }
    }

    private async Task EndAsync()
    {
        // Out of the lock first.
        await Task.Yield();
        _sandbox.Kill();
        await _ending.CancelAsync().ConfigureAwait(false);
        lock (_changing)
        {
            if (_uses == 0)
            {
                _drained.TrySetResult();
            }
        }

        foreach (var part in _parts)
        {
            await part.DisposeAsync().ConfigureAwait(false);
        }

        await _drained.Task.ConfigureAwait(false);
        await _sandbox.DisposeAsync().ConfigureAwait(false);
        _ending.Dispose();
    }

    private void Leave()
    {
        lock (_changing)
        {
            _lastUse = _time.GetTimestamp();
            if (--_uses == 0 && State == SessionState.Closed)
            {
                _drained.TrySetResult();
            }
        }
    }
}
