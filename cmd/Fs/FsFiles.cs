using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>The handlers of the file service but <c>fs.read</c>. Whatever walks a path may wait for the file system and does so behind the gate.</summary>
internal sealed class FsFiles(OpenHandles handles, PathCalls paths, BlockingGate gate, FsAudit audit)
{
    private static readonly StatusResult Closed = new("closed");

    internal async ValueTask<Reply<OpenResult>> OpenAsync(OpenParams wish, CallContext call)
    {
        if (ResolveToOpen(wish, call, out var path) is { } refused)
        {
            return refused;
        }

        if (FileOpenings.Read(wish, out var opening) is { } fault)
        {
            return fault;
        }

        var outcome = await paths.RunAsync(path, root => Open(root, path.Relative, opening), call).ConfigureAwait(false);
        if (outcome.Error is not null)
        {
            return paths.Refuse(call, wish.Path, outcome);
        }

        if (wish.Fd)
        {
            return HandOver(new FileDescriptor(outcome.Result), wish, call);
        }

        var file = new OpenFile(new FileDescriptor(outcome.Result), PathCalls.ClaimsOf(call), wish.Path) { Access = opening.Access, Appends = opening.Append };
        if (call.Cancellation.IsCancellationRequested)
        {
            // Nobody is left to learn the handle's name.
            file.Dispose();
            return RpcError.Unavailable("the call was cancelled", "cancelled");
        }

        if (handles.Admit(file) is { } full)
        {
            return paths.Refuse(call, wish.Path, full);
        }

        audit.Opened(call, wish.Path);
        return new OpenResult(file.Handle);
    }

    /// <summary>Lets the caller have the descriptor itself. From here on nothing takes it back.</summary>
    private Reply<OpenResult> HandOver(FileDescriptor descriptor, OpenParams wish, CallContext call)
    {
        // A revocation may have come in force while the file was opened.
        if (handles.EndOf(PathCalls.ClaimsOf(call)) is { } ended)
        {
            descriptor.Dispose();
            return paths.Refuse(call, wish.Path, ended);
        }

        audit.HandedOver(call, wish.Path);
        call.AttachDescriptor(descriptor);
        return new OpenResult("", Fd: true);
    }

    /// <summary>The rights that an open takes beside its own; the handler asks for these and no others.</summary>
    internal static FurtherNeeds FurtherOf(OpenParams wish)
    {
        string?[] rights =
        [
            wish.Fd ? FsService.OpenDescriptor : null,
            wish.Mode != "r" ? FsService.Write : null,
            wish.Mode != "r" && (wish.Truncate || wish.Fd) ? FsService.Truncate : null,
        ];
        return FurtherNeeds.OfRights([.. rights.OfType<string>()]);
    }

    private RpcError? ResolveToOpen(OpenParams wish, CallContext call, out PrefixPath path)
    {
        path = default;
        foreach (var right in FurtherOf(wish).Rights)
        {
            if (paths.Require(call, wish.Path, right) is { } denied)
            {
                return denied;
            }
        }

        return (wish.Fd ? RefuseDescriptor(wish, call) : null)
            ?? (wish.Mode == "r" ? paths.Resolve(call, wish.Path, out path) : paths.ResolveToChange(call, wish.Path, out path, mayBePrefix: true));
    }

    private RpcError? RefuseDescriptor(OpenParams wish, CallContext call)
    {
        var constraints = PathCalls.ClaimsOf(call).Constraints;
        return constraints.MaxBytes is not null || (constraints.QuotaBytes is not null && wish.Mode != "r")
            ? paths.Refuse(call, wish.Path, FileErrors.DescriptorRefused)
            : null;
    }

    private static PathOutcome Open(BeneathRoot root, byte[] path, FileOpening opening)
    {
        var result = root.TryOpenFile(path, opening, out var status, out var made);
        return PathOutcome.Of(result, status) with { Made = made };
    }

    internal async ValueTask<Reply<ListResult>> ListAsync(ListParams wish, CallContext call)
    {
        var sorted = wish.Sort == "name";
        var after = Array.Empty<byte>();
        long cookie = 0;
        if (sorted ? !ListCursor.TryParseName(wish.Cursor, out after) : !ListCursor.TryParse(wish.Cursor, out cookie))
        {
            return DirectoryPage.BadCursor();
        }

        if (paths.Resolve(call, wish.Path, out var path) is { } denial)
        {
            return denial;
        }

        var (outcome, page) = await gate.RunAsync(
            () => List(path, directory => sorted ? SortedPage.Read(directory, after, wish.Limit, wish.Stat, FileErrors.Of) : DirectoryPage.Read(directory, cookie, wish.Limit, wish.Stat, FileErrors.Of)),
            () => call.Cancellation).ConfigureAwait(false);
        return outcome.Error is null ? page : paths.Refuse(call, wish.Path, outcome);
    }

    internal async ValueTask<Reply<StatResult>> StatAsync(StatParams wish, CallContext call)
    {
        if (paths.Resolve(call, wish.Path, out var path) is { } denial)
        {
            return denial;
        }

        var outcome = await gate.RunAsync(
            () => path.Apply(static (root, relative, out status) => root.TryGetStatus(relative, out status)), () => call.Cancellation).ConfigureAwait(false);
        return outcome.Error is null ? Describe(outcome.Status) : paths.Refuse(call, wish.Path, outcome);
    }

    internal Reply<StatusResult> Close(CloseParams wish, CallContext call)
    {
        var file = handles.Find(wish.Handle, call, PathCalls.ClaimsOf(call));
        return file is not null && handles.Close(file, call) ? Closed : FileErrors.NoSuchHandle;
    }

    private static (PathOutcome Outcome, Reply<ListResult> Page) List(PrefixPath path, Func<FileDescriptor, Reply<ListResult>> read)
    {
        var outcome = path.Apply(static (root, relative, out status) => root.TryOpenDirectory(relative, out status));
        if (outcome.Error is not null)
        {
            return (outcome, default);
        }

        return (outcome, read(new FileDescriptor(outcome.Result)));
    }

    private static StatResult Describe(FileStatus status) => new(
        FileKinds.WordOf(status.Kind),
        status.Kind == FileKind.Directory,
        status.SizeBytes,
        FileKinds.ModeOf(status),
        FileKinds.ModifiedOf(status));
}
