using System.Collections.Immutable;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What callers do with snapshots. A session stands still while one is taken of it.</summary>
internal sealed class SnapshotCalls(SnapshotTable table, SandboxSessions sessions, ISandboxEngine engine, SandboxOptions options, SandboxAudit audit)
{
    internal ValueTask<Reply<SandboxSnapshot>> TakeAsync(SandboxSnapshotParams wish, CallContext call) => AuditedAsync(call, wish.Session, async () =>
    {
        if (wish.Kind == "memory")
        {
            throw new SandboxException(
                ErrorCode.InvalidArgument, SandboxReasons.MemorySnapshots, "there are no snapshots of memory: running processes cannot be kept on this kernel; take one of files, and start what runs anew");
        }

        var owner = SandboxSessions.OwnerOf(call);
        var session = sessions.FindOwn(call, wish.Session);
        using var use = session.Use(whilePaused: true);
        var paused = await session.PauseAsync().ConfigureAwait(false);
        try
        {
            var plan = use.Sandbox.Plan;
            using var ends = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation, session.Ended);
            using var upper = OpenUpper(use.Sandbox);
            var source = new SnapshotSource(plan.ChangesDirectory, upper, plan.Lower.Count > 0, plan.IsCopied);
            var record = await table.TakeAsync(owner, wish.Snapshot ?? "snap-" + SecureRandom.Hex(4), session.Name, session.Terms, source, ends.Token).ConfigureAwait(false);
            if (paused && session.State != SessionState.Paused)
            {
                table.Delete(owner, record.Name);
                throw new SandboxException(ErrorCode.Conflict, SandboxReasons.SessionBusy, "the session was resumed while the snapshot was taken, which may have half a change in it and was removed; try again");
            }

            return View(record);
        }
        finally
        {
            await ResumeAsync(session, paused).ConfigureAwait(false);
        }
    });

    internal Reply<SandboxSnapshots> List(SandboxSnapshotsParams wish, CallContext call) =>
        new SandboxSnapshots([.. table.Of(SandboxSessions.OwnerOf(call)).Where(r => wish.Session is null || r.Session == wish.Session).Select(View)]);

    internal ValueTask<Reply<StatusResult>> DeleteAsync(SandboxSnapshotDeleteParams wish, CallContext call) => AuditedAsync(call, wish.Snapshot, async () =>
    {
        await Task.Run(() => table.Delete(SandboxSessions.OwnerOf(call), wish.Snapshot)).ConfigureAwait(false);
        return new StatusResult("deleted");
    });

    internal ValueTask<Reply<StatusResult>> ForkAsync(SandboxForkParams wish, CallContext call) => AuditedAsync(call, wish.Session, async () =>
    {
        var owner = SandboxSessions.OwnerOf(call);
        var record = table.Find(owner, wish.Snapshot);
        var (_, created) = await sessions.GetOrCreateAsync(
            wish.Session, TermsOf(record, wish.Session, call), ImmutableDictionary<string, string>.Empty, call,
            (changes, cancellation) => FillAsync(owner, record, changes, cancellation)).ConfigureAwait(false);
        return created ? new StatusResult("forked")
            : throw new SandboxException(ErrorCode.Conflict, SandboxReasons.Exists, "you have a session of this name; choose another, or close it");
    });

    internal ValueTask<Reply<StatusResult>> RestoreAsync(SandboxRestoreParams wish, CallContext call) => AuditedAsync(call, wish.Session, async () =>
    {
        var owner = SandboxSessions.OwnerOf(call);
        var record = table.Find(owner, wish.Snapshot);
        var session = sessions.FindOwn(call, wish.Session);
        if (record.Terms.Image != session.Terms.Image || record.Terms.ImageDigest != session.Terms.ImageDigest)
        {
            throw new SandboxException(ErrorCode.Conflict, SandboxReasons.InvalidChange, $"the snapshot is of the image {record.Terms.Image}, the session of {session.Terms.Image}; fork the snapshot instead");
        }

        await sessions.RemakeAsync(session, (changes, cancellation) => FillAsync(owner, record, changes, cancellation), call.Cancellation).ConfigureAwait(false);
        return new StatusResult("restored");
    });

    private async Task FillAsync(string owner, SnapshotRecord record, string changes, CancellationToken cancellation)
    {
        await table.FillAsync(owner, record.Name, changes, engine.Discard, cancellation).ConfigureAwait(false);
        // A session that had a workspace of its own attached has none in its changes.
        var workspace = Path.Combine(changes, SnapshotTable.NameIn(changes), "workspace");
        if (FileStatus.TryGetNoFollow(workspace, out _) == -Errno.ENOENT)
        {
            Directory.CreateDirectory(workspace);
            FileOwner.Give(workspace, SandboxIds.OnDisk.OnHost(SessionAccount.Of(record.Terms).User));
        }
    }

    /// <summary>What the snapshot's session was, held to what the caller may have now.</summary>
    private SessionTerms TermsOf(SnapshotRecord record, string name, CallContext call)
    {
        var terms = record.Terms;
        var wish = new SandboxCreateParams
        {
            Session = name, Image = terms.Image, Network = terms.Network, Hostname = terms.Hostname, User = terms.IsRoot ? "root" : terms.TakesImageUser ? null : "user", UserNamespaces = terms.UserNamespaces,
            RequireLimits = terms.RequireLimits, TtlSeconds = Math.Min(terms.TtlSeconds, options.MaxLifetimeSeconds), Labels = terms.Labels, Environment = terms.Environment,
            Limits = new SandboxLimitsWish
            {
                MemoryBytes = terms.MemoryBytes, Cpus = terms.Cpus, Pids = terms.Pids, DiskBytes = terms.DiskBytes, OpenFiles = terms.OpenFiles, OutputBytes = terms.OutputBytes,
            },
        };
        var bounds = SandboxSessions.ClaimsOf(call).Constraints.Sandbox;
        var fault = new SessionRequest(options, engine.Name, engine.Networks).Check(wish, bounds, out var held);
        return fault is null ? held with { ImageDigest = terms.ImageDigest, Account = terms.Account, CpusRequired = terms.CpusRequired || bounds.MaxCpuMillis is not null } : throw new SandboxException(fault.Code, fault.Reason ?? SandboxReasons.LimitDenied, fault.Message);
    }

    private async ValueTask<Reply<T>> AuditedAsync<T>(CallContext call, string resource, Func<Task<T>> work)
    {
        try
        {
            var result = await work().ConfigureAwait(false);
            audit.Done(call, resource);
            return result;
        }
        catch (SandboxException e)
        {
            audit.Refused(call, resource, e.Reason);
            throw;
        }
        catch (OperationCanceledException) when (!call.Cancellation.IsCancellationRequested)
        {
            // The session ended meanwhile; nothing was kept of it.
            audit.Refused(call, resource, SandboxReasons.SessionNotFound);
            throw SandboxSession.NotFound();
        }
    }

    private static FileDescriptor? OpenUpper(ISandbox sandbox)
    {
        try
        {
            return sandbox.OpenUpper();
        }
        catch (LinuxException e)
        {
            throw e.Errno == Errno.ENOENT ? SandboxSession.NotFound() : SandboxFileErrors.Of(-e.Errno);
        }
    }

    private static async Task ResumeAsync(SandboxSession session, bool paused)
    {
        try
        {
            _ = paused && await session.ResumeAsync().ConfigureAwait(false);
        }
        catch (SandboxException)
        {
            // It has ended meanwhile; the snapshot is whole.
        }
    }

    private static SandboxSnapshot View(SnapshotRecord record) =>
        new(record.Name, record.Session, record.Terms.Image, TimeText.Of(record.Created), record.Bytes, record.Files);
}
