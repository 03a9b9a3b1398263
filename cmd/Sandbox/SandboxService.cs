using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>Declares the sandbox service's methods and puts its parts together: one list of methods a part.</summary>
internal sealed partial class SandboxService : IAsyncDisposable
{
    private readonly SandboxOptions _options;
    private readonly SandboxAudit _audit;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly SessionCalls _calls;
    private readonly ImageCalls _images;

    /// <summary>Puts the parts together.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="engine">Makes the sandboxes.</param>
    /// <param name="audit">Where records go.</param>
    /// <param name="revocations">The revocations in force.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told what no caller is; null for nobody.</param>
    internal SandboxService(SandboxOptions options, ISandboxEngine engine, AuditLog audit, RevocationSet revocations, TimeProvider time, ILogger? log = null)
    {
        (_options, Engine, _audit, _time, _log) = (options, engine, new SandboxAudit(audit), time, log ?? NullLogger.Instance);
        Workspaces = new WorkspaceTable(options.StateDirectory, options.Workspaces, engine.Discard, time, _log);
        Snapshots = new SnapshotTable(options.StateDirectory, options.Snapshots, engine.Discard, time, _log);
        var images = Path.Combine(options.StateDirectory, "images");
        PrivateDirectory.Ensure(options.StateDirectory, LayerStore.PrivateMode).Dispose();
        Images = new ImageStore(images, options.Images, LayerOwners.Mine, time, KeptImages);
        _images = new ImageCalls(Images, images, options.Images, _audit, time);
        Sessions = new SandboxSessions(options, engine, Images, Workspaces, _audit, revocations, time, _log);
        _calls = new SessionCalls(Sessions, engine, options, _audit, time);
    }

    /// <summary>Makes the sandboxes.</summary>
    internal ISandboxEngine Engine { get; }

    /// <summary>All sessions.</summary>
    internal SandboxSessions Sessions { get; }

    /// <summary>All workspaces.</summary>
    internal WorkspaceTable Workspaces { get; }

    /// <summary>All snapshots.</summary>
    internal SnapshotTable Snapshots { get; }

    internal IReadOnlyList<Method> Methods => [.. SessionMethods, .. ExecMethods, .. FileMethods, .. WorkspaceMethods, .. SnapshotMethods, .. NetworkMethods, .. ImageMethods];

    /// <summary>The caller's session; see <see cref="SandboxSessions.FindOwn"/>. Handlers are wrapped by <see cref="SandboxCalls"/>, which answers what is thrown.</summary>
    internal SandboxSession FindOwn(CallContext call, string name) => Sessions.FindOwn(call, name);

    /// <summary>Builds the service for a node.</summary>
    internal static ServiceSetup Build(ServiceEnvironment environment)
    {
        var options = SandboxOptions.From(environment.Variable, environment.Settings);
        var identity = environment.CreateFeed();
        var engine = new BubblewrapEngine(options.StateDirectory);
        var service = new SandboxService(options, engine, environment.Audit, identity.Revocations, environment.Time, environment.Log);
        identity.Revoked += service.Sessions.CloseRevoked;
        return new ServiceSetup(service.Methods, environment.CreateAuthorizer(identity, ServiceConstraints.Sandbox))
        {
            Background = [identity.RunAsync, service.Sessions.ReapAsync, service.WorkspaceCalls.CountAsync, stop => RestoreAsync(service, identity, stop)],
            ReadyWhen = service.Sessions.Restored,
            OnStopped = async () =>
            {
                await service.DisposeAsync().ConfigureAwait(false);
                engine.Dispose();
            },
        };
    }

    /// <summary>Ends every session's sandbox; what sessions come back from stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await Sessions.StopAsync().ConfigureAwait(false);
        await _images.DisposeAsync().ConfigureAwait(false);
        Files.Dispose();
    }

    /// <summary>Once it is known what is revoked: nothing of that comes back.</summary>
    private static async Task RestoreAsync(SandboxService service, IdentityFeed identity, CancellationToken stop)
    {
        try
        {
            await identity.FirstSnapshot.WaitAsync(stop).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return;
        }

        await service.Sessions.RestoreAsync(stop).ConfigureAwait(false);
    }
}
