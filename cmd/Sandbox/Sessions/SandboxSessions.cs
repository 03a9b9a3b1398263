using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>The life of sessions: made, found by their owner, made anew when their sandbox ends by itself, and ended, each told and recorded.</summary>
internal sealed partial class SandboxSessions
{
    private readonly SandboxOptions _options;
    private readonly ISandboxEngine _engine;
    private readonly SessionStore _store;
    private readonly SpareSandboxes _spares;
    private readonly SessionMaker _maker;
    private readonly SandboxAudit _audit;
    private readonly RevocationSet _revocations;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly ConcurrentDictionary<Task, byte> _endings = new();
    private volatile bool _stopping;

    internal SandboxSessions(
        SandboxOptions options, ISandboxEngine engine, ISessionImages images, ISessionWorkspaces workspaces, SandboxAudit audit, RevocationSet revocations, TimeProvider time, ILogger log)
    {
        (_options, _engine, _audit, _revocations, _time, _log) = (options, engine, audit, revocations, time, log);
        _store = new SessionStore(options.StateDirectory, engine.Discard);
        Table = new SessionTable(options);
        Events = new SessionEvents(options.MaxWatchers, time);
        var bridge = new NodeBridge(options, time, log);
        var shared = new SandboxNetworks(options.Reachable, options.NetworkLimits, time, options.Names) { Trust = options.Trust };
        Networks = new SessionNetworks(shared, bridge, audit, Events, slot => EndsOf(slot).Latest);
        _spares = new SpareSandboxes(engine, _store, Discard, options.WarmSandboxes);
        _maker = new SessionMaker(engine, images, workspaces, Networks, _store, _spares, Discard, time, log);
    }

    /// <summary>All of them.</summary>
    internal SessionTable Table { get; }

    /// <summary>What becomes of them.</summary>
    internal SessionEvents Events { get; }

    /// <summary>Their ways out.</summary>
    internal SessionNetworks Networks { get; }

    /// <summary>The caller's session. Absent and somebody else's are the same.</summary>
    /// <exception cref="SandboxException">The caller has none of that name, or it is lost or not made yet.</exception>
    internal SandboxSession FindOwn(CallContext call, string name) => FindOwnSlot(call, name).Require();

    /// <summary>The same, whether or not there is a sandbox.</summary>
    internal SessionSlot FindOwnSlot(CallContext call, string name) =>
        Table.Find(new SessionKey(OwnerOf(call), name)) is { IsClosing: false } slot ? slot : throw SandboxSession.NotFound();

    /// <summary>Whose sessions a caller reaches.</summary>
    internal static string OwnerOf(CallContext call) => SessionOwner.Of(ClaimsOf(call));

    /// <summary>What the caller's capability says.</summary>
    internal static CapabilityClaims ClaimsOf(CallContext call) => ((Principal)call.Principal!).Claims!;

    /// <summary>Gives the session of an owner and name, made now when there is none.</summary>
    /// <param name="name">Its name; null for a new one with a name of its own.</param>
    /// <param name="terms">What it shall be if it is made.</param>
    /// <param name="secrets">Values that are not kept.</param>
    /// <param name="call">By whom.</param>
    /// <param name="prepare">Fills the directory of changes before the first sandbox is made of it, for a fork; null leaves it empty.</param>
    /// <param name="placeholders">Secrets that have placeholders inside; null for none.</param>
    /// <returns>Its place, and whether it was made.</returns>
    /// <exception cref="SandboxException">It cannot be made.</exception>
    internal async Task<(SessionSlot Slot, bool Created)> GetOrCreateAsync(
        string? name, SessionTerms terms, IReadOnlyDictionary<string, string> secrets, CallContext call, Func<string, CancellationToken, Task>? prepare = null, SessionSecrets? placeholders = null)
    {
        while (true)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            var made = NewSlot(name, terms, secrets, placeholders ?? SessionSecrets.None, call);
            if (Table.TryTake(made, out var known))
            {
                await MakeFirstAsync(made, call, prepare).ConfigureAwait(false);
                return (made, true);
            }

            made.Dispose();
            await known.Made.Task.WaitAsync(call.Cancellation).ConfigureAwait(false);
            if (known is { IsClosing: false, Lost: null })
            {
                known.Session?.Touch();
                return (known, false);
            }

            if (!known.IsClosing)
            {
                // What is lost makes way for what is asked for.
                await CloseAsync(known, "replaced", call).ConfigureAwait(false);
            }

            await known.Gone.Task.WaitAsync(call.Cancellation).ConfigureAwait(false);
        }
    }

    /// <summary>Gives a session another sandbox: the one there is ends, then what it changed may be exchanged, then a new one is made of that.</summary>
    /// <param name="session">The session. Whoever calls this holds no use of it, which its end waits for.</param>
    /// <param name="prepare">Given the directory of changes while nothing runs.</param>
    /// <param name="cancellation">Ends the preparation.</param>
    /// <exception cref="SandboxException">It is lost by that; what it changed is kept until it is closed.</exception>
    internal async Task<SandboxSession> RemakeAsync(SandboxSession session, Func<string, CancellationToken, Task> prepare, CancellationToken cancellation)
    {
        var slot = Table.Find(session.Key) ?? throw SandboxSession.NotFound();
        await slot.Change.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            if (slot.IsClosing || slot.Session != session)
            {
                throw SandboxSession.NotFound();
            }

            slot.Session = null;
            await session.DisposeAsync().ConfigureAwait(false);
            try
            {
                await prepare(_store.ChangesOf(slot.Record.Id), cancellation).ConfigureAwait(false);
            }
            finally
            {
                // Whatever became of the preparation: its owner keeps a session.
                await MakeAnewAsync(slot, "remade", CancellationToken.None).ConfigureAwait(false);
            }

            return slot.Require();
        }
        finally
        {
            slot.Change.Release();
        }
    }

    /// <summary>Ends a session and removes all of it but its workspace.</summary>
    /// <param name="slot">Its place.</param>
    /// <param name="reason">Why.</param>
    /// <param name="call">By whom; null for the service itself.</param>
    /// <returns>False when somebody else ends it; it is gone then too.</returns>
    internal async Task<bool> CloseAsync(SessionSlot slot, string reason, CallContext? call)
    {
        if (!slot.BeginClosing())
        {
            await slot.Gone.Task.ConfigureAwait(false);
            return false;
        }

        await slot.Change.WaitAsync().ConfigureAwait(false);
        try
        {
            await EndAsync(slot).ConfigureAwait(false);
            SessionMaker.Detach(slot);
            Discard(slot.Record.Id);
        }
        finally
        {
            Table.Remove(slot);
            slot.Change.Release();
            _audit.Closed(slot, reason, call);
            Events.Tell("closed", slot.Record.Key, reason);
            slot.Gone.TrySetResult();
        }

        return true;
    }

    /// <summary>Ends every sandbox; what the sessions come back from stays.</summary>
    internal async Task StopAsync()
    {
        _stopping = true;
        await Parallel.ForEachAsync(Table.All(), async (slot, _) =>
        {
            Events.Tell("closed", slot.Record.Key, "stopping");
            await slot.Change.WaitAsync(CancellationToken.None).ConfigureAwait(false);
            await EndAsync(slot).ConfigureAwait(false);
            SessionMaker.Detach(slot);
            slot.Change.Release();
        }).ConfigureAwait(false);
        await _spares.EndAsync().ConfigureAwait(false);
        await Task.WhenAll(_endings.Keys).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Networks.Bridge.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Has a session stay longer or shorter without use.</summary>
    internal Task ChangeTtlAsync(SessionSlot slot, int seconds) => ChangeTermsAsync(slot, terms => terms with { TtlSeconds = seconds });

    /// <summary>Changes what a session is, on disk first.</summary>
    /// <param name="slot">The session.</param>
    /// <param name="change">Gives the new terms.</param>
    /// <param name="apply">Has it come true, while nobody else changes it; if that fails, it stays as it was.</param>
    internal async Task ChangeTermsAsync(SessionSlot slot, Func<SessionTerms, SessionTerms> change, Func<Task>? apply = null)
    {
        await slot.Change.WaitAsync().ConfigureAwait(false);
        try
        {
            if (slot.IsClosing)
            {
                throw SandboxSession.NotFound();
            }

            var (before, record) = (slot.Record, slot.Record with { Terms = change(slot.Record.Terms) });
            Keep(record);
            try
            {
                await (apply?.Invoke() ?? Task.CompletedTask).ConfigureAwait(false);
            }
            catch
            {
                Keep(before);
                throw;
            }

            slot.Record = record;
        }
        finally
        {
            slot.Change.Release();
        }
    }

    private void Keep(SessionRecord record)
    {
        try
        {
            _store.Save(record);
        }
        catch (Exception e) when (StateFault.Is(e))
        {
            _log.StateUnwritable(record.Id, e.Message);
            throw StateFault.Of(e);
        }
    }

    private SessionSlot NewSlot(string? name, SessionTerms terms, IReadOnlyDictionary<string, string> secrets, SessionSecrets placeholders, CallContext call)
    {
        var claims = ClaimsOf(call);
        var id = SecureRandom.Hex(8);
        var record = SessionRecord.Of(id, SessionOwner.Of(claims), name ?? "s-" + id, _time.GetUtcNow(), claims, _maker.Pin(terms));
        return new SessionSlot(record, claims, _time.GetTimestamp()) { Secrets = secrets, Placeholders = placeholders };
    }

    private async Task MakeFirstAsync(SessionSlot slot, CallContext call, Func<string, CancellationToken, Task>? prepare)
    {
        await slot.Change.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            Follow(slot, await _maker.MakeFirstAsync(slot, prepare, call.Cancellation).ConfigureAwait(false));
            _audit.Done(call, slot.Record.Name, slot.Record.Terms.Image);
            Events.Tell("created", slot.Record.Key);
        }
        catch
        {
            slot.BeginClosing();
            Table.Remove(slot);
            slot.Gone.TrySetResult();
            throw;
        }
        finally
        {
            slot.Change.Release();
            slot.Made.TrySetResult();
        }

        // A revocation may have come in force after the token was checked and swept before the session was there.
        if (_revocations.Check(slot.Capability) == RevocationStatus.Revoked)
        {
            await CloseAsync(slot, DenyReasons.CodeOf(DenyReason.Revoked), call: null).ConfigureAwait(false);
            throw new SandboxException(ErrorCode.Unauthenticated, DenyReasons.CodeOf(DenyReason.Revoked), "the capability was revoked; ask for a new one");
        }
    }

    /// <summary>Within the slot's change: a sandbox of what is there, or the session is lost.</summary>
    private async Task MakeAnewAsync(SessionSlot slot, string reason, CancellationToken cancellation)
    {
        try
        {
            slot.RestoredBy = reason;
            Follow(slot, await _maker.MakeAsync(slot, cancellation).ConfigureAwait(false));
            Events.Tell("restored", slot.Record.Key, reason);
        }
        catch (Exception e) when (e is SandboxException or LinuxException or IOException or UnauthorizedAccessException)
        {
            Lose(slot, e is SandboxException ? e.Message : "what it was kept in cannot be used; the service's log says why", e.Message);
        }
    }

    private void Lose(SessionSlot slot, string why, string logged)
    {
        slot.Lose(why, _time.GetTimestamp());
        SessionMaker.Detach(slot);
        _log.SessionLost(slot.Record.Id, logged);
        _audit.Lost(slot, why);
        Events.Tell("lost", slot.Record.Key, why);
    }

    private void Follow(SessionSlot slot, SandboxSession session)
    {
        slot.Session = session;
        _ = session.SandboxEnded.ContinueWith(_ => Track(OnEndedAsync(slot, session)), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    /// <summary>A sandbox ended and nobody asked for it: its session gets another one, unless that happens over and over.</summary>
    private async Task OnEndedAsync(SessionSlot slot, SandboxSession session)
    {
        await slot.Change.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_stopping || slot.IsClosing || slot.Session != session)
            {
                return;
            }

            _log.SandboxEnded(slot.Record.Id);
            slot.Session = null;
            await session.DisposeAsync().ConfigureAwait(false);
            if (slot.TakeRestart(_time))
            {
                await MakeAnewAsync(slot, "ended", CancellationToken.None).ConfigureAwait(false);
            }
            else
            {
                Lose(slot, "its sandbox ended by itself too often", "its sandbox ended by itself too often");
            }
        }
        finally
        {
            slot.Change.Release();
        }
    }

    private async Task EndAsync(SessionSlot slot)
    {
        try
        {
            if (slot.Session is { } session)
            {
                slot.Session = null;
                await session.DisposeAsync().ConfigureAwait(false);
            }
        }
        catch (Exception e)
        {
            // Whatever a part of it failed in: the session is over, and the others go on.
            _log.SessionEndFailed(slot.Record.Id, e.Message);
        }
    }

    private void Discard(string id)
    {
        try
        {
            _store.Discard(id);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or LinuxException or SandboxException)
        {
            _log.SessionNotRemoved(id, e.Message);
        }
    }

    private void Track(Task task)
    {
        _endings.TryAdd(task, 0);
        _ = task.ContinueWith(done => _endings.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
