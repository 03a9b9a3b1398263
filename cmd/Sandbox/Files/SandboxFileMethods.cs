using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Puts the file methods together and declares them.</summary>
internal sealed class SandboxFileMethods : IDisposable
{
    internal const string Read = "sandbox.read";
    internal const string Write = "sandbox.write";

    private static readonly ErrorCode[] OfReads =
        [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Unavailable, ErrorCode.ResourceExhausted, ErrorCode.Conflict];

    private readonly BlockingGate _gate;
    private readonly WatchBoard _board;
    private readonly UploadTable _table;
    private readonly SandboxFiles _files;
    private readonly SandboxChanges _changes;
    private readonly SandboxDownloads _downloads;
    private readonly SandboxUploads _uploads;
    private readonly SandboxWatches _watches;

    /// <summary>Puts the parts together.</summary>
    /// <param name="options">The bounds.</param>
    /// <param name="spaces">Finds the tree that a call names.</param>
    /// <param name="audit">Where records go.</param>
    /// <param name="time">The clock.</param>
    internal SandboxFileMethods(SandboxFileOptions options, FileSpaces spaces, SandboxAudit audit, TimeProvider time)
    {
        _gate = new BlockingGate(options.MaxBlockingCalls);
        _board = new WatchBoard(options.MaxWatches);
        _table = new UploadTable(options, time);
        var places = new ArchivePlaces(options.MaxArchives, options.MaxArchivesOfOne);
        _files = new SandboxFiles(spaces, _gate);
        _changes = new SandboxChanges(spaces, _gate, audit);
        _downloads = new SandboxDownloads(spaces, _gate, places, options.Archives, audit);
        _uploads = new SandboxUploads(spaces, _gate, places, _table, options, audit);
        _watches = new SandboxWatches(spaces, _gate, _board);
    }

    /// <summary>Where calls wait for a file system.</summary>
    internal BlockingGate Gate => _gate;

    internal IReadOnlyList<Method> Methods => [.. Reading, .. Changing, .. Transfers];

    private IReadOnlyList<Method> Reading =>
    [
        new UnaryMethod<SandboxReadParams, ReadResult>(
            Read, "Reads bytes of a file inside at an offset.",
            Access.Right(Read), () => ContractsJson.Default.SandboxReadParams, () => ContractsJson.Default.ReadResult, SandboxCalls.Answer<SandboxReadParams, ReadResult>(_files.ReadAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxListFilesParams, ListResult>(
            "sandbox.list_files", "Lists a directory inside, a page at a time.",
            Access.Right(Read), () => ContractsJson.Default.SandboxListFilesParams, () => ContractsJson.Default.ListResult, SandboxCalls.Answer<SandboxListFilesParams, ListResult>(_files.ListAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxStatParams, StatResult>(
            "sandbox.stat", "Tells what a path inside is; links are followed as inside.",
            Access.Right(Read), () => ContractsJson.Default.SandboxStatParams, () => ContractsJson.Default.StatResult, SandboxCalls.Answer<SandboxStatParams, StatResult>(_files.StatAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new StreamMethod<SandboxDownloadParams, DownloadPiece>(
            "sandbox.download", "Streams a file from an offset on.",
            Access.Right(Read), () => ContractsJson.Default.SandboxDownloadParams, () => ContractsJson.Default.DownloadPiece, SandboxCalls.AnswerStream<SandboxDownloadParams, DownloadPiece>(_downloads.DownloadAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new StreamMethod<SandboxArchiveOutParams, SandboxArchivePiece>(
            "sandbox.archive_out", "Streams a file, or a directory with all in it, as a tar archive; links are kept as links, mounts are not entered.",
            Access.Right(Read), () => ContractsJson.Default.SandboxArchiveOutParams, () => ContractsJson.Default.SandboxArchivePiece,
            SandboxCalls.AnswerStream<SandboxArchiveOutParams, SandboxArchivePiece>(_downloads.ArchiveAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new StreamMethod<SandboxWatchParams, FileEvents>(
            "sandbox.watch", "Tells of changes of a file or directory inside as they happen.",
            Access.Right(Read), () => ContractsJson.Default.SandboxWatchParams, () => ContractsJson.Default.FileEvents, SandboxCalls.AnswerStream<SandboxWatchParams, FileEvents>(_watches.StartAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
    ];

    private IReadOnlyList<Method> Changing =>
    [
        new UnaryMethod<SandboxWriteParams, StatusResult>(
            Write, "Writes the whole content of a file inside; the path has the old one or the new one, never half of it.",
            Access.Right(Write), () => ContractsJson.Default.SandboxWriteParams, () => ContractsJson.Default.StatusResult, SandboxCalls.Answer<SandboxWriteParams, StatusResult>(_changes.WriteAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxMkdirParams, StatusResult>(
            "sandbox.mkdir", "Makes a directory inside.",
            Access.Right(Write), () => ContractsJson.Default.SandboxMkdirParams, () => ContractsJson.Default.StatusResult, SandboxCalls.Answer<SandboxMkdirParams, StatusResult>(_changes.MakeDirectoryAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxMoveParams, StatusResult>(
            "sandbox.move", "Moves a file, link or directory inside; replaces nothing unless asked to.",
            Access.Right(Write), () => ContractsJson.Default.SandboxMoveParams, () => ContractsJson.Default.StatusResult, SandboxCalls.Answer<SandboxMoveParams, StatusResult>(_changes.MoveAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxDeleteParams, RemoveTreeResult>(
            "sandbox.delete", "Removes a file, a link or a directory inside, when asked to with all in it up to a bound.",
            Access.Right(Write), () => ContractsJson.Default.SandboxDeleteParams, () => ContractsJson.Default.RemoveTreeResult, SandboxCalls.Answer<SandboxDeleteParams, RemoveTreeResult>(_changes.DeleteAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
    ];

    private IReadOnlyList<Method> Transfers =>
    [
        new UnaryMethod<SandboxUploadParams, SandboxUploadBegun>(
            "sandbox.upload", "Begins to send a file of any size.",
            Access.Right(Write), () => ContractsJson.Default.SandboxUploadParams, () => ContractsJson.Default.SandboxUploadBegun, SandboxCalls.Answer<SandboxUploadParams, SandboxUploadBegun>(_uploads.BeginAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxArchiveInParams, SandboxUploadBegun>(
            "sandbox.archive_in", "Begins to send a tar archive, which is unpacked in a directory inside as it comes.",
            Access.Right(Write), () => ContractsJson.Default.SandboxArchiveInParams, () => ContractsJson.Default.SandboxUploadBegun,
            SandboxCalls.Answer<SandboxArchiveInParams, SandboxUploadBegun>(_uploads.BeginArchiveAsync))
        {
            Further = p => FileSpaces.FurtherOf(p.Workspace), Errors = OfReads,
        },
        new UnaryMethod<SandboxUploadWriteParams, UploadWriteResult>(
            "sandbox.upload_write", "Sends the next bytes.",
            Access.Right(Write), () => ContractsJson.Default.SandboxUploadWriteParams, () => ContractsJson.Default.UploadWriteResult, SandboxCalls.Answer<SandboxUploadWriteParams, UploadWriteResult>(_uploads.WriteAsync))
        {
            Errors = OfReads,
        },
        new UnaryMethod<SandboxUploadCommitParams, SandboxUploadDone>(
            "sandbox.upload_commit", "Says that all was sent: a file gets its path in one step, of an archive the last entry is made.",
            Access.Right(Write), () => ContractsJson.Default.SandboxUploadCommitParams, () => ContractsJson.Default.SandboxUploadDone,
            SandboxCalls.Answer<SandboxUploadCommitParams, SandboxUploadDone>(_uploads.CommitAsync))
        {
            Errors = OfReads,
        },
        new UnaryMethod<SandboxUploadDiscardParams, StatusResult>(
            "sandbox.upload_discard", "Ends what is being sent; of a file nothing stays, of an archive what was unpacked.",
            Access.Right(Write), () => ContractsJson.Default.SandboxUploadDiscardParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxUploadDiscardParams, StatusResult>(_uploads.DiscardAsync))
        {
            Errors = OfReads,
        },
    ];

    public void Dispose()
    {
        _table.Dispose();
        _board.Dispose();
        _gate.Dispose();
    }
}
