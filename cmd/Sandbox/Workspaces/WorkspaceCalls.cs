using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>What callers do with workspaces as such, and the watch over how much is in them.</summary>
internal sealed class WorkspaceCalls(WorkspaceTable table, SandboxSessions sessions, BlockingGate gate, WorkspaceLimits limits, SandboxAudit audit, TimeProvider time)
{
    internal async ValueTask<Reply<SandboxWorkspace>> CreateAsync(SandboxWorkspaceCreateParams wish, CallContext call)
    {
        var owner = SandboxSessions.OwnerOf(call);
        var (workspace, made) = await gate.RunAsync(() => table.GetOrCreate(owner, wish.Workspace, wish.MaxBytes, wish.MaxFiles), () => call.Cancellation).ConfigureAwait(false);
        if (made)
        {
            audit.Done(call, "workspace " + wish.Workspace);
        }

        return await gate.RunAsync(() => View(workspace), () => call.Cancellation).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<SandboxWorkspaces>> ListAsync(NoParams wish, CallContext call)
    {
        var owner = SandboxSessions.OwnerOf(call);
        var own = table.All().Where(w => w.Record.Owner == owner).OrderBy(w => w.Record.Name, StringComparer.Ordinal).ToArray();
        return await gate.RunAsync(() => new SandboxWorkspaces([.. own.Select(View)]), () => call.Cancellation).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<StatusResult>> DeleteAsync(SandboxWorkspaceDeleteParams wish, CallContext call)
    {
        var owner = SandboxSessions.OwnerOf(call);
        try
        {
            await gate.RunAsync(
                () =>
                {
                    table.Delete(owner, wish.Workspace);
                    return true;
                },
                () => call.Cancellation).ConfigureAwait(false);
        }
        catch (SandboxException e)
        {
            audit.Refused(call, "workspace " + wish.Workspace, e.Reason);
            throw;
        }

        audit.Done(call, "workspace " + wish.Workspace);
        return new StatusResult("deleted");
    }

    /// <summary>Counts what sessions write, until cancelled.</summary>
    internal async Task CountAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(limits.CountInterval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                await CountOnceAsync(cancellation).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>Counts those that sessions have; a session of one that holds more than may be stands still, so that its owner can remove something and let it go on.</summary>
    /// <returns>How many sessions were brought to stand.</returns>
    internal async Task<int> CountOnceAsync(CancellationToken cancellation)
    {
        var paused = 0;
        foreach (var workspace in table.All().Where(w => w.Sessions.Count > 0))
        {
            try
            {
                await gate.RunAsync(() => workspace.Count(cancellation), () => cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (e is SandboxException or Linux.LinuxException)
            {
                // Gone meanwhile.
                continue;
            }

            paused += workspace.IsOverfull() ? await PauseAsync(workspace).ConfigureAwait(false) : 0;
        }

        return paused;
    }

    private async Task<int> PauseAsync(Workspace workspace)
    {
        var ids = workspace.Sessions;
        var paused = 0;
        foreach (var slot in sessions.Table.All().Where(slot => ids.Contains(slot.Record.Id)))
        {
            try
            {
                if (slot.Session is { } session && await session.PauseAsync().ConfigureAwait(false))
                {
                    sessions.Events.Tell("paused", slot.Record.Key, SandboxReasons.WorkspaceFull);
                    paused++;
                }
            }
            catch (SandboxException)
            {
                // It has ended.
            }
        }

        return paused;
    }

    private static SandboxWorkspace View(Workspace workspace)
    {
        var (bytes, files) = workspace.Usage();
        var record = workspace.Record;
        return new SandboxWorkspace(record.Name, TimeText.Of(record.Created), bytes, files, record.MaxBytes, record.MaxFiles, "counted", workspace.Sessions.Count, workspace.IsShared);
    }
}
