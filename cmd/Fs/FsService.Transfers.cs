using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs;

/// <content>What carries whole files, looks for them, or tells of their changes.</content>
internal sealed partial class FsService
{
    private const string Upload = "fs.upload";

    private static readonly ErrorCode[] OfReads =
        [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Unavailable, ErrorCode.ResourceExhausted];

    private IReadOnlyList<Method> TransferMethods =>
    [
        new UnaryMethod<WriteAtomicParams, StatusResult>(
            "fs.write_atomic", "Writes the whole content of a file; the path has the old one or the new one, never half of it.",
            Access.Right("fs.write_atomic"), () => ContractsJson.Default.WriteAtomicParams, () => ContractsJson.Default.StatusResult, _atomic.WriteAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<HashParams, HashResult>(
            "fs.hash", "Tells the SHA-256 of a file's content.",
            Access.Right("fs.hash"), () => ContractsJson.Default.HashParams, () => ContractsJson.Default.HashResult, _hasher.HashAsync)
        {
            Resource = p => p.Path, Errors = OfReads,
        },
        new StreamMethod<DownloadParams, DownloadPiece>(
            "fs.download", "Streams a file from an offset on.",
            Access.Right("fs.download"), () => ContractsJson.Default.DownloadParams, () => ContractsJson.Default.DownloadPiece, _download.StartAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<UploadParams, UploadResult>(
            Upload, "Begins an upload, or goes on with the one of the same name.",
            Access.Right(Upload), () => ContractsJson.Default.UploadParams, () => ContractsJson.Default.UploadResult, _uploads.BeginAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<UploadWriteParams, UploadWriteResult>(
            "fs.upload_write", "Adds the next bytes to an upload.",
            Access.Right(Upload), () => ContractsJson.Default.UploadWriteParams, () => ContractsJson.Default.UploadWriteResult, _uploads.WriteAsync) { Errors = OfChanges },
        new UnaryMethod<UploadCommitParams, HashResult>(
            "fs.upload_commit", "Checks an upload, brings it to disk and gives it its path, in one step.",
            Access.Right(Upload), () => ContractsJson.Default.UploadCommitParams, () => ContractsJson.Default.HashResult, _uploads.CommitAsync) { Errors = OfChanges },
        new UnaryMethod<UploadDiscardParams, StatusResult>(
            "fs.upload_discard", "Ends an upload and removes what is there of it.",
            Access.Right(Upload), () => ContractsJson.Default.UploadDiscardParams, () => ContractsJson.Default.StatusResult, _uploads.DiscardAsync) { Errors = OfChanges },
        new StreamMethod<FindParams, FindPart>(
            "fs.find", "Looks for entries in a directory and beneath, within bounds; follows no link and enters no mount point.",
            Access.Right("fs.find"), () => ContractsJson.Default.FindParams, () => ContractsJson.Default.FindPart, _finder.StartAsync)
        {
            Resource = p => p.Path, Errors = OfReads,
        },
        new StreamMethod<WatchFilesParams, FileEvents>(
            "fs.watch", "Tells of changes of a file or directory as they happen.",
            Access.Right("fs.watch"), () => ContractsJson.Default.WatchFilesParams, () => ContractsJson.Default.FileEvents, _watcher.StartAsync)
        {
            Resource = p => p.Path, Errors = OfReads,
        },
    ];
}
