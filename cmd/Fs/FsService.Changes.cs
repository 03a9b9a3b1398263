using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs;

/// <content>What changes files.</content>
internal sealed partial class FsService
{
    internal const string Write = "fs.write";
    internal const string Truncate = "fs.truncate";

    private static readonly HashSet<string> Changing =
        [Write, Truncate, "fs.sync", "fs.mkdir", "fs.rename", "fs.remove", "fs.remove_tree", "fs.chmod", "fs.copy", "fs.link",
        "fs.write_atomic", Upload, "fs.upload_commit"];

    private static readonly ErrorCode[] OfChanges =
        [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Unavailable, ErrorCode.ResourceExhausted, ErrorCode.Conflict];

    private static readonly ErrorCode[] OfWrites =
        [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.ResourceExhausted];

    /// <summary>Whether a method changes something, so that what comes of it is audited.</summary>
    internal static bool Changes(string method) => Changing.Contains(method);

    private IReadOnlyList<Method> ChangingMethods =>
    [
        new UnaryMethod<WriteParams, WriteResult>(
            Write, "Writes bytes of an open file at an offset, or at its end when the handle appends.",
            Access.Right(Write), () => ContractsJson.Default.WriteParams, () => ContractsJson.Default.WriteResult, _writer.WriteAsync) { Errors = [.. OfWrites, ErrorCode.Unavailable] },
        new UnaryMethod<TruncateParams, StatusResult>(
            Truncate, "Sets the length of an open file.",
            Access.Right(Truncate), () => ContractsJson.Default.TruncateParams, () => ContractsJson.Default.StatusResult, _writer.TruncateAsync) { Errors = OfWrites },
        new UnaryMethod<SyncParams, StatusResult>(
            "fs.sync", "Answers when what was written to an open file is on disk.",
            Access.Right("fs.sync"), () => ContractsJson.Default.SyncParams, () => ContractsJson.Default.StatusResult, _writer.SyncAsync) { Errors = OfWrites },
        new UnaryMethod<MkdirParams, StatusResult>(
            "fs.mkdir", "Makes a directory.",
            Access.Right("fs.mkdir"), () => ContractsJson.Default.MkdirParams, () => ContractsJson.Default.StatusResult, _changes.MakeDirectoryAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<RenameParams, StatusResult>(
            "fs.rename", "Moves a file, link or directory; replaces nothing unless asked to.",
            Access.Right("fs.rename"), () => ContractsJson.Default.RenameParams, () => ContractsJson.Default.StatusResult, _changes.RenameAsync)
        {
            Resource = p => p.From, Further = p => FurtherNeeds.OfPaths(p.To), Errors = OfChanges,
        },
        new UnaryMethod<RemoveParams, StatusResult>(
            "fs.remove", "Removes a file, a link or an empty directory.",
            Access.Right("fs.remove"), () => ContractsJson.Default.RemoveParams, () => ContractsJson.Default.StatusResult, _changes.RemoveAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<RemoveTreeParams, RemoveTreeResult>(
            "fs.remove_tree", "Removes a directory with all in it, up to a bound; follows no link and enters no mount point.",
            Access.Right("fs.remove_tree"), () => ContractsJson.Default.RemoveTreeParams, () => ContractsJson.Default.RemoveTreeResult, _changes.RemoveTreeAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<ChmodParams, StatusResult>(
            "fs.chmod", "Sets the permission bits of a file or directory.",
            Access.Right("fs.chmod"), () => ContractsJson.Default.ChmodParams, () => ContractsJson.Default.StatusResult, _changes.ChangeModeAsync)
        {
            Resource = p => p.Path, Errors = OfChanges,
        },
        new UnaryMethod<CopyParams, CopyResult>(
            "fs.copy", "Copies a file; the copy appears whole or not at all.",
            Access.Right("fs.copy"), () => ContractsJson.Default.CopyParams, () => ContractsJson.Default.CopyResult, _copier.CopyAsync)
        {
            Resource = p => p.From, Further = p => FurtherNeeds.OfPaths(p.To), Errors = OfChanges,
        },
        new UnaryMethod<LinkParams, StatusResult>(
            "fs.link", "Gives a file a further path beneath the same path_prefix.",
            Access.Right("fs.link"), () => ContractsJson.Default.LinkParams, () => ContractsJson.Default.StatusResult, _changes.LinkAsync)
        {
            Resource = p => p.From, Further = p => FurtherNeeds.OfPaths(p.To), Errors = OfChanges,
        },
    ];
}
