using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for snapshots and forks.</summary>
internal sealed partial class SandboxService
{
    private const string Snapshot = "sandbox.snapshot";

    private static ErrorCode[] OfSnapshots => [.. OfKept, ErrorCode.PermissionDenied, ErrorCode.Unauthenticated];

    private IReadOnlyList<Method> SnapshotMethods
    {
        get
        {
            var calls = new SnapshotCalls(Snapshots, Sessions, Engine, _options, _audit);
            return
            [
                new UnaryMethod<SandboxSnapshotParams, SandboxSnapshot>(
                    Snapshot, "Keeps what a session has changed, whole, while it stands still for a moment; not its workspace, and not what runs.",
                    Access.Right(Snapshot), () => ContractsJson.Default.SandboxSnapshotParams, () => ContractsJson.Default.SandboxSnapshot,
                    SandboxCalls.Answer<SandboxSnapshotParams, SandboxSnapshot>(calls.TakeAsync)) { Errors = OfSnapshots },
                new UnaryMethod<SandboxSnapshotsParams, SandboxSnapshots>(
                    "sandbox.snapshots", "Lists the caller's snapshots.",
                    Access.Right(Snapshot), () => ContractsJson.Default.SandboxSnapshotsParams, () => ContractsJson.Default.SandboxSnapshots, (p, call) => new(calls.List(p, call)))
                {
                    Errors = OfSnapshots,
                },
                new UnaryMethod<SandboxForkParams, StatusResult>(
                    "sandbox.fork", "Makes a new session of a snapshot, held to the caller's bounds; it has no secrets and no workspace.",
                    Access.Right(Snapshot), () => ContractsJson.Default.SandboxForkParams, () => ContractsJson.Default.StatusResult,
                    SandboxCalls.Answer<SandboxForkParams, StatusResult>(calls.ForkAsync)) { Errors = OfSnapshots },
                new UnaryMethod<SandboxRestoreParams, StatusResult>(
                    "sandbox.restore", "Brings a session back to a snapshot; everything that runs in it ends.",
                    Access.Right(Snapshot), () => ContractsJson.Default.SandboxRestoreParams, () => ContractsJson.Default.StatusResult,
                    SandboxCalls.Answer<SandboxRestoreParams, StatusResult>(calls.RestoreAsync)) { Errors = OfSnapshots },
                new UnaryMethod<SandboxSnapshotDeleteParams, StatusResult>(
                    "sandbox.snapshot_delete", "Removes a snapshot.",
                    Access.Right(Snapshot), () => ContractsJson.Default.SandboxSnapshotDeleteParams, () => ContractsJson.Default.StatusResult,
                    SandboxCalls.Answer<SandboxSnapshotDeleteParams, StatusResult>(calls.DeleteAsync)) { Errors = OfSnapshots },
            ];
        }
    }
}
