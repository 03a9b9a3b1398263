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
/// <param name="spares">Sandboxes that are made already.</param>
/// <param name="discard">Removes all of a session by its id; never throws.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told what no caller is.</param>
internal sealed class SessionMaker(ISandboxEngine engine, ISessionImages images, ISessionWorkspaces workspaces, SessionNetworks networks, SessionStore store, SpareSandboxes spares, Action<string> discard, TimeProvider time, ILogger log)
{
    /// <summary>The same, with what its image's name means now unless that is known.</summary>
    internal SessionTerms Pin(SessionTerms terms) => terms with { ImageDigest = terms.ImageDigest ?? images.DigestOf(terms.Image) };

    /// <summary>Makes it for the first time; nothing stays behind when that fails.</summary>
    /// <exception cref="SandboxException">It cannot be made.</exception>
    internal async Task<SandboxSession> MakeFirstAsync(SessionSlot slot, Func<string, CancellationToken, Task>? prepare, CancellationToken cancellation)
    {
        try
        {
            slot.Image ??= images.Use(slot.Record.Terms.ImageDigest ?? slot.Record.Terms.Image);
            slot.Record = slot.Record with { Terms = WithAccount(slot.Record.Terms, slot.Image) };
            // A workspace is mounted while a sandbox is made, and what is forked is laid ready before.
            var spare = prepare is null && slot.Record.Terms.Workspace is null ? spares.Take(PlanOf(slot)) : null;
            if (spare is not null)
            {
                slot.Record = slot.Record with { Id = spare.Plan.Id };
            }
            else
            {
                store.Make(slot.Record.Id);
            }

            // Both take milliseconds, the one for the disk and the other for the kernel.
            var saved = Task.Run(() => store.Save(slot.Record), CancellationToken.None);
            SandboxSession session;
            try
            {
                await (prepare?.Invoke(store.ChangesOf(slot.Record.Id), cancellation) ?? Task.CompletedTask).ConfigureAwait(false);
                session = await MakeAsync(slot, cancellation, spare).ConfigureAwait(false);
            }
            catch
            {
                await saved.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                throw;
            }

            await KeepAsync(session, saved).ConfigureAwait(false);
            spares.Fill(PlanOf(slot));
            return session;
        }
        catch (Exception e)
        {
            Detach(slot);
            discard(slot.Record.Id);
            if (StateFault.Is(e))
            {
                log.StateUnwritable(slot.Record.Id, e.Message);
                throw StateFault.Of(e);
            }

            throw;
        }
    }

    /// <summary>Makes a sandbox of what is there: the session's files, a fresh shell.</summary>
    /// <exception cref="SandboxException">It cannot be made.</exception>
    internal async Task<SandboxSession> MakeAsync(SessionSlot slot, CancellationToken cancellation, ISandbox? spare = null)
    {
        var (record, terms) = (slot.Record, slot.Record.Terms);
        if (terms.Workspace is { } workspace)
        {
            slot.Workspace ??= workspaces.Attach(record.Owner, workspace, terms.SharedWorkspace, record.Id);
        }

        slot.Image ??= images.Use(terms.ImageDigest ?? terms.Image);
        var sandbox = spare ?? await engine.CreateAsync(PlanOf(slot), cancellation).ConfigureAwait(false);
        if (terms.RequireLimits && !sandbox.EnforcedBy.StartsWith("cgroup", StringComparison.Ordinal))
        {
            await sandbox.DisposeAsync().ConfigureAwait(false);
            throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.LimitsUnavailable,
                "this machine holds limits process by process only; sandbox.doctor says what it lacks, or leave require_limits out");
        }

        try
        {
            slot.Defaults.MakeWorkingDirectory(sandbox);
            var network = await networks.BeginAsync(slot, sandbox).ConfigureAwait(false);
            return new SandboxSession(record, VariablesOf(slot, network), sandbox, time, network) { WorkingDirectory = slot.Defaults.WorkingDirectory };
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

    private static SessionTerms WithAccount(SessionTerms terms, ImageLayers image) =>
        terms is { TakesImageUser: true, Account: null } && image.Defaults is { User.Length: > 0 } defaults ? terms with { Account = ImageAccounts.Resolve(defaults.User, image.Directories) } : terms;

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
        var (record, terms, account) = (slot.Record, slot.Record.Terms, SessionAccount.Of(slot.Record.Terms));
        return new SandboxPlan
        {
            Id = record.Id, Layers = slot.Image!.Directories, ChangesDirectory = store.ChangesOf(record.Id), HasChannel = true, WorkspaceDirectory = slot.Workspace?.Directory,
            Limits = new SandboxLimits(terms.MemoryBytes, terms.CpusRequired || !engine.NotEnforced.Contains(SessionTerms.CpuLimit) ? terms.Cpus : null, terms.Pids, terms.DiskBytes, terms.OpenFiles), Network = terms.Network, Hostname = terms.Hostname,
            User = account.User, Group = account.Group, AllowsUserNamespaces = terms.UserNamespaces, NameServers = networks.NameServersOf(slot),
        };
    }

    private static Dictionary<string, string> VariablesOf(SessionSlot slot, ISessionNetwork? network)
    {
        var variables = new Dictionary<string, string>(slot.Defaults.Variables, StringComparer.Ordinal);
        foreach (var (name, value) in (network?.Environment ?? []).Concat(slot.Record.Terms.Environment).Concat(slot.Secrets).Concat(slot.Placeholders.Variables))
        {
            variables[name] = value;
        }

        return variables;
    }
}
