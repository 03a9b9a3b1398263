using System.Globalization;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>The handlers of the file service but <c>fs.read</c>. Whatever walks a path may wait for the file system and does so behind the gate.</summary>
internal sealed class FsFiles(OpenHandles handles, BlockingGate gate, FsAudit audit, KeptOut keptOut)
{
    private static readonly StatusResult Closed = new("closed");

    internal async ValueTask<Reply<OpenResult>> OpenAsync(OpenParams wish, CallContext call)
    {
        var claims = ClaimsOf(call);
        if (PrefixPath.Resolve(claims, wish.Path, out var path) is { } denial)
        {
            return denial;
        }

        var outcome = await ApplyAsync(path, static (root, relative, out status) => root.TryOpenFile(relative, out status), call).ConfigureAwait(false);
        if (outcome.Error is { } error)
        {
            return Refuse(call, wish.Path, outcome, error);
        }

        var file = new OpenFile(new FileDescriptor(outcome.Result), claims, wish.Path);
        if (call.Cancellation.IsCancellationRequested)
        {
            // Nobody is left to learn the handle's name.
            file.Dispose();
            return RpcError.Unavailable("the call was cancelled", "cancelled");
        }

        if (handles.Admit(file) is { } full)
        {
            audit.OpenRefused(call, wish.Path, full);
            return full;
        }

        audit.Opened(call, wish.Path);
        return new OpenResult(file.Handle);
    }

    internal async ValueTask<Reply<ListResult>> ListAsync(ListParams wish, CallContext call)
    {
        if (!ListCursor.TryParse(wish.Cursor, out var cookie))
        {
            return DirectoryPage.BadCursor();
        }

        if (PrefixPath.Resolve(ClaimsOf(call), wish.Path, out var path) is { } denial)
        {
            return denial;
        }

        var (outcome, page) = await gate.RunAsync(() => List(path, cookie, wish.Limit), () => call.Cancellation).ConfigureAwait(false);
        return outcome.Error is { } error ? Refuse(call, wish.Path, outcome, error) : page;
    }

    internal async ValueTask<Reply<StatResult>> StatAsync(StatParams wish, CallContext call)
    {
        if (PrefixPath.Resolve(ClaimsOf(call), wish.Path, out var path) is { } denial)
        {
            return denial;
        }

        var outcome = await ApplyAsync(path, static (root, relative, out status) => root.TryGetStatus(relative, out status), call).ConfigureAwait(false);
        return outcome.Error is { } error ? Refuse(call, wish.Path, outcome, error) : Describe(outcome.Status);
    }

    internal Reply<StatusResult> Close(CloseParams wish, CallContext call)
    {
        var file = handles.Find(wish.Handle, call, ClaimsOf(call));
        return file is not null && handles.Close(file, call) ? Closed : FileErrors.NoSuchHandle;
    }

    private ValueTask<PathOutcome> ApplyAsync(PrefixPath path, PrefixPath.Opener open, CallContext call) =>
        gate.RunAsync(() => path.Apply(open, keptOut), () => call.Cancellation);

    private (PathOutcome Outcome, Reply<ListResult> Page) List(PrefixPath path, long cookie, int limit)
    {
        var outcome = path.Apply(static (root, relative, out status) => root.TryOpenDirectory(relative, out status), keptOut);
        if (outcome.Error is not null)
        {
            return (outcome, default);
        }

        return (outcome, DirectoryPage.Read(new FileDescriptor(outcome.Result), cookie, limit));
    }

    /// <summary>Records what was refused and tells the caller.</summary>
    private RpcError Refuse(CallContext call, string path, PathOutcome outcome, RpcError error)
    {
        if (outcome.IsEscape)
        {
            audit.Escaped(call, path, error.Reason);
        }
        else if (call.Method.Name == FsService.Open)
        {
            audit.OpenRefused(call, path, error);
        }

        return error;
    }

    private static StatResult Describe(FileStatus status) => new(
        FileKinds.WordOf(status.Kind),
        status.Kind == FileKind.Directory,
        status.SizeBytes,
        Convert.ToString(status.Mode, 8).PadLeft(4, '0'),
        DateTimeOffset.UnixEpoch.AddTicks(status.ModifiedUnixNs / TimeSpan.NanosecondsPerTick).ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'", CultureInfo.InvariantCulture));

    private static CapabilityClaims ClaimsOf(CallContext call) => ((Principal)call.Principal!).Claims!;
}
