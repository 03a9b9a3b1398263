using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Makes the sandbox of a session: directories, image, workspace, engine, and the record that it comes back from.</summary>
/// <param name="engine">Makes sandboxes.</param>
/// <param name="images">Gives images.</param>
/// <param name="workspaces">Gives workspaces.</param>
/// <param name="networks">Gives ways out.</param>
/// <param name="store">Keeps records.</param>
/// <param name="discard">Removes all of a session by its id; never throws.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told what no caller is.</param>
internal sealed class SessionMaker(ISandboxEngine engine, ISessionImages images, ISessionWorkspaces workspaces, SessionNetworks networks, SessionStore store, Action<string> discard, TimeProvider time, ILogger log)
{
    private const int RootUser = 0;
    private const int PlainUser = 1000;

    /// <summary>The same, with what its image's name means now unless that is known.</summary>
    internal SessionTerms Pin(SessionTerms terms) => terms with { ImageDigest = terms.ImageDigest ?? images.DigestOf(terms.Image) };

    /// <summary>Makes it for the first time; nothing stays behind when that fails.</summary>
    /// <exception cref="SandboxException">It cannot be made.</exception>
    internal async Task<SandboxSession> MakeFirstAsync(SessionSlot slot, Func<string, CancellationToken, Task>? prepare, CancellationToken cancellation)
    {
        try
        {
            store.Make(slot.Record.Id);
            // Both take milliseconds, the one for the disk and the other for the kernel.
            var saved = Task.Run(() => store.Save(slot.Record), CancellationToken.None);
            SandboxSession session;
            try
            {
                await (prepare?.Invoke(store.ChangesOf(slot.Record.Id), cancellation) ?? Task.CompletedTask).ConfigureAwait(false);
                session = await MakeAsync(slot, cancellation).ConfigureAwait(false);
            }
            catch
            {
                await saved.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }

            await KeepAsync(session, saved).ConfigureAwait(false);
            return session;
        }
        catch (Exception e)
        {
            Detach(slot);
            discard(slot.Record.Id);
            if (e is IOException or UnauthorizedAccessException or LinuxException)
            {
                log.StateUnwritable(slot.Record.Id, e.Message);
                throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.StateUnwritable, "the session cannot be kept in the service's state directory; its log says why");
            }

            throw;
        }
    }

    /// <summary>Makes a sandbox of what is there: the session's files, a fresh shell.</summary>
    /// <exception cref="SandboxException">It cannot be made.</exception>
    internal async Task<SandboxSession> MakeAsync(SessionSlot slot, CancellationToken cancellation)
    {
        var (record, terms) = (slot.Record, slot.Record.Terms);
        if (terms.Workspace is { } workspace)
        {
            slot.Workspace ??= workspaces.Attach(record.Owner, workspace, terms.SharedWorkspace, record.Id);
        }

        slot.Image ??= images.Use(terms.ImageDigest ?? terms.Image);
        var sandbox = await engine.CreateAsync(PlanOf(slot), cancellation).ConfigureAwait(false);
        if (terms.RequireLimits && !sandbox.EnforcedBy.StartsWith("cgroup", StringComparison.Ordinal))
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
            throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.LimitsUnavailable,
                "this machine holds limits process by process only; sandbox.doctor says what it lacks, or leave require_limits out");
        }

        try
        {
            var network = await networks.BeginAsync(slot, sandbox).ConfigureAwait(false);
            return new SandboxSession(record, VariablesOf(slot, network), sandbox, time, network);
        }
        catch
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Lets go of what a session has beside its sandbox.</summary>
    internal static void Detach(SessionSlot slot)
    {
        slot.Workspace?.Dispose();
        slot.Image?.Dispose();
        (slot.Workspace, slot.Image) = (null, null);
    }

    private static async Task KeepAsync(SandboxSession session, Task saved)
    {
        try
        {
            await saved.ConfigureAwait(false);
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private SandboxPlan PlanOf(SessionSlot slot)
    {
        var (record, terms) = (slot.Record, slot.Record.Terms);
        return new SandboxPlan
        {
            Id = record.Id, Layers = slot.Image!.Directories, ChangesDirectory = store.ChangesOf(record.Id), ChannelDirectory = store.MakeChannelOf(record.Id), WorkspaceDirectory = slot.Workspace?.Directory,
            Limits = new SandboxLimits(terms.MemoryBytes, terms.CpusRequired || !engine.NotEnforced.Contains(SessionTerms.CpuLimit) ? terms.Cpus : null, terms.Pids, terms.DiskBytes, terms.OpenFiles), Network = terms.Network, Hostname = terms.Hostname,
            User = terms.IsRoot ? RootUser : PlainUser, AllowsUserNamespaces = terms.UserNamespaces,
        };
    }

    private static Dictionary<string, string> VariablesOf(SessionSlot slot, SessionNetwork? network)
    {
        var variables = new Dictionary<string, string>(network is null ? [] : SessionNetwork.Variables, StringComparer.Ordinal);
        foreach (var (name, value) in slot.Record.Terms.Environment.Concat(slot.Secrets).Concat(slot.Placeholders.Variables))
        {
            variables[name] = value;
        }

        return variables;
    }
}
