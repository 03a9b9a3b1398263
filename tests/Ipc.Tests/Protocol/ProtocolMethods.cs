using System.Text.Json.Serialization.Metadata;
using Strata.Contracts;

namespace Strata.Ipc.Tests;

/// <summary>Every documented method with the records its tables must list.</summary>
internal static class ProtocolMethods
{
    private static readonly ContractsJson Json = ContractsJson.Default;

    public static IReadOnlyDictionary<string, (JsonTypeInfo Params, JsonTypeInfo Result)> All { get; } =
        new Dictionary<string, (JsonTypeInfo, JsonTypeInfo)>
        {
            ["SERVICE.ping"] = (Json.NoParams, Json.PingResult),
            ["SERVICE.describe"] = (Json.NoParams, Json.DescribeResult),
            ["SERVICE.metrics"] = (Json.NoParams, IpcJson.Default.MetricsResult),
            ["policy.explain"] = (IpcJson.Default.ExplainParams, IpcJson.Default.ExplainResult),
            ["cancel"] = (IpcJson.Default.CancelParams, Json.StatusResult),
            ["supervisor.status"] = (Json.NoParams, Json.NodeStatus),
            ["supervisor.svc.list"] = (Json.NoParams, Json.ServiceList),
            ["supervisor.svc.start"] = (Json.ServiceParams, Json.StatusResult),
            ["supervisor.svc.stop"] = (Json.StopParams, Json.StatusResult),
            ["supervisor.svc.restart"] = (Json.RestartParams, Json.StatusResult),
            ["supervisor.svc.explain"] = (Json.ServiceParams, Json.ServiceExplanation),
            ["supervisor.svc.authority"] = (Json.ServiceParams, Json.ServiceAuthority),
            ["supervisor.upgrade"] = (Json.UpgradeParams, Json.StatusResult),
            ["supervisor.graph"] = (Json.NoParams, Json.ServiceGraph),
            ["supervisor.config.diff"] = (Json.NoParams, Json.ConfigChange),
            ["supervisor.config.apply"] = (Json.NoParams, Json.ConfigChange),
            ["supervisor.events"] = (Json.EventsParams, Json.SupervisorEvent),
            ["supervisor.logs"] = (Json.LogsParams, Json.LogPage),
            ["registry.register"] = (Json.RegisterParams, Json.StatusResult),
            ["registry.unregister"] = (Json.ServiceName, Json.StatusResult),
            ["registry.resolve"] = (Json.ServiceName, Json.ResolveResult),
            ["registry.list"] = (Json.NoParams, Json.RegistryList),
            ["registry.watch"] = (Json.NoParams, Json.RegistryEvent),
            ["identity.issue"] = (Json.IssueParams, Json.IssueResult),
            ["identity.attenuate"] = (Json.AttenuateParams, Json.IssueResult),
            ["identity.renew"] = (Json.RenewParams, Json.IssueResult),
            ["identity.list"] = (Json.IssuedListParams, Json.IssuedList),
            ["identity.show"] = (Json.ShowParams, Json.IssuedCapability),
            ["identity.revoke"] = (Json.RevokeParams, Json.RevokeResult),
            ["identity.keys"] = (Json.NoParams, Json.KeysResult),
            ["identity.rotate"] = (Json.RotateParams, Json.RotateResult),
            ["identity.introspect"] = (Json.IntrospectParams, Json.IntrospectResult),
            ["identity.watch"] = (Json.WatchParams, Json.WatchItem),
            ["identity.confirm"] = (Json.ConfirmParams, Json.StatusResult),
            ["identity.use"] = (Json.UseParams, Json.UseResult),
            ["identity.seal"] = (Json.SealParams, Json.SealResult),
            ["identity.seals"] = (Json.NoParams, Json.SealsResult),
            ["fs.open"] = (Json.OpenParams, Json.OpenResult),
            ["fs.read"] = (Json.ReadParams, Json.ReadResult),
            ["fs.list"] = (Json.ListParams, Json.ListResult),
            ["fs.stat"] = (Json.StatParams, Json.StatResult),
            ["fs.close"] = (Json.CloseParams, Json.StatusResult),
            ["fs.write"] = (Json.WriteParams, Json.WriteResult),
            ["fs.truncate"] = (Json.TruncateParams, Json.StatusResult),
            ["fs.sync"] = (Json.SyncParams, Json.StatusResult),
            ["fs.mkdir"] = (Json.MkdirParams, Json.StatusResult),
            ["fs.rename"] = (Json.RenameParams, Json.StatusResult),
            ["fs.remove"] = (Json.RemoveParams, Json.StatusResult),
            ["fs.remove_tree"] = (Json.RemoveTreeParams, Json.RemoveTreeResult),
            ["fs.chmod"] = (Json.ChmodParams, Json.StatusResult),
            ["fs.copy"] = (Json.CopyParams, Json.CopyResult),
            ["fs.link"] = (Json.LinkParams, Json.StatusResult),
            ["fs.write_atomic"] = (Json.WriteAtomicParams, Json.StatusResult),
            ["fs.hash"] = (Json.HashParams, Json.HashResult),
            ["fs.download"] = (Json.DownloadParams, Json.DownloadPiece),
            ["fs.upload"] = (Json.UploadParams, Json.UploadResult),
            ["fs.upload_write"] = (Json.UploadWriteParams, Json.UploadWriteResult),
            ["fs.upload_commit"] = (Json.UploadCommitParams, Json.HashResult),
            ["fs.upload_discard"] = (Json.UploadDiscardParams, Json.StatusResult),
            ["fs.find"] = (Json.FindParams, Json.FindPart),
            ["fs.watch"] = (Json.WatchFilesParams, Json.FileEvents),
            ["sandbox.create"] = (Json.SandboxCreateParams, Json.SandboxCreateResult),
            ["sandbox.get"] = (Json.SandboxSessionParams, Json.SandboxInfo),
            ["sandbox.list"] = (Json.SandboxListParams, Json.SandboxList),
            ["sandbox.stats"] = (Json.SandboxSessionParams, Json.SandboxStats),
            ["sandbox.touch"] = (Json.SandboxTouchParams, Json.SandboxTouchResult),
            ["sandbox.pause"] = (Json.SandboxSessionParams, Json.StatusResult),
            ["sandbox.resume"] = (Json.SandboxSessionParams, Json.StatusResult),
            ["sandbox.close"] = (Json.SandboxSessionParams, Json.StatusResult),
            ["sandbox.events"] = (Json.SandboxEventsParams, Json.SandboxEvent),
            ["sandbox.image_list"] = (Json.SandboxImageListParams, Json.SandboxImageList),
            ["sandbox.image_inspect"] = (Json.SandboxImageParams, Json.SandboxImageDetails),
            ["sandbox.image_pull"] = (Json.SandboxImagePullParams, Json.SandboxImageProgress),
            ["sandbox.image_upload"] = (Json.SandboxImageUploadParams, Json.SandboxImageUploadResult),
            ["sandbox.image_import"] = (Json.SandboxImageImportParams, Json.SandboxImageProgress),
            ["sandbox.image_validate"] = (Json.SandboxImageParams, Json.SandboxImageValidateResult),
            ["sandbox.image_delete"] = (Json.SandboxImageParams, Json.SandboxImageRemoved),
            ["sandbox.image_prune"] = (Json.SandboxImagePruneParams, Json.SandboxImageRemoved),
            ["sandbox.doctor"] = (Json.NoParams, Json.SandboxDoctorResult),
        };

    /// <summary>The documented name of a method, e.g. <c>SERVICE.ping</c> for <c>registry.ping</c>.</summary>
    public static string DocumentedName(string method) =>
        method.EndsWith(".ping", StringComparison.Ordinal) ? "SERVICE.ping"
        : method.EndsWith(".describe", StringComparison.Ordinal) ? "SERVICE.describe"
        : method.EndsWith(".metrics", StringComparison.Ordinal) ? "SERVICE.metrics" : method;
}
