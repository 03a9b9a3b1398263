using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>
/// <c>fs.download</c>: a file of any size as a stream. While a piece is on its way the next is read. The stream holds a handle as
/// <c>fs.open</c> does, so it counts among the capability's and ends with it.
/// </summary>
internal sealed class FileDownload(PathCalls paths, OpenHandles handles, BlockingGate gate, FsAudit audit)
{
    internal async ValueTask<Reply<IAsyncEnumerable<DownloadPiece>>> StartAsync(DownloadParams wish, CallContext call)
    {
        if (paths.Resolve(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        var opened = await paths.RunAsync(path, root => PathOutcome.Of(root.TryOpenFile(path.Relative, out var status), status), call).ConfigureAwait(false);
        if (opened.Error is not null)
        {
            return paths.Refuse(call, wish.Path, opened);
        }

        var claims = PathCalls.ClaimsOf(call);
        var file = new OpenFile(new FileDescriptor(opened.Result), claims, wish.Path);
        var left = Math.Max(opened.Status.SizeBytes - wish.Offset, 0);
        var modified = FileKinds.ModifiedOf(opened.Status);
        var error = wish.Modified is not null && wish.Modified != modified ? FileErrors.Changed
            : ByteAllowances.Check(claims, Math.Min(wish.Length ?? long.MaxValue, left));
        if (error is not null)
        {
            file.Dispose();
            return error;
        }

        if (handles.Admit(file) is { } full)
        {
            return full;
        }

        // A file that grows does not carry more than a capability allows at a time.
        var most = Math.Min(wish.Length ?? long.MaxValue, claims.Constraints.MaxBytes ?? long.MaxValue);
        return Reply.Ok(PiecesAsync(file, wish.Offset, most, opened.Status.SizeBytes, modified, call));
    }

    private async IAsyncEnumerable<DownloadPiece> PiecesAsync(
        OpenFile file, long offset, long most, long size, string modified, CallContext call, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var sent = 0L;
        try
        {
            var pieces = FilePieces.ReadAsync(
                (buffer, at, left) => ReadAsync(file, buffer, at, left, cancellation),
                error => error == -Errno.EBADF ? handles.EndOf(file) : FileErrors.OfRead(error), offset, most, size, modified);
            await foreach (var piece in pieces.ConfigureAwait(false))
            {
                sent += piece.DataB64.Length;
                yield return piece;
            }
        }
        finally
        {
            audit.Downloaded(call, file, sent);
            handles.Forget(file);
        }
    }

    private Task<ReadProgress> ReadAsync(OpenFile file, byte[] buffer, long offset, long most, CancellationToken cancellation) => gate.RunAsync(
        () =>
        {
            if (!file.TryHold(out var descriptor))
            {
                return new ReadProgress(0, AtEnd: false, Waits: false, -Errno.EBADF);
            }

            try
            {
                return ReadProgress.FromDisk(descriptor, buffer.AsSpan(0, (int)Math.Min(buffer.Length, most)), offset);
            }
            finally
            {
                file.Release();
            }
        },
        () => cancellation).AsTask();
}
