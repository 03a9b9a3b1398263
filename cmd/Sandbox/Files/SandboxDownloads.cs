using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Files of any size, and whole trees as archives, as streams out of a sandbox. A reader that stands still holds no thread for a file, and keeps no session from ending.
/// </summary>
internal sealed class SandboxDownloads(FileSpaces spaces, BlockingGate gate, ArchivePlaces places, ArchiveLimits limits, SandboxAudit audit)
{
    internal async ValueTask<Reply<IAsyncEnumerable<DownloadPiece>>> DownloadAsync(SandboxDownloadParams wish, CallContext call)
    {
        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        FileStatus status = default;
        var opened = await gate.RunAsync(() => space.Run(root => root.TryOpenFile(path, out status)), () => call.Cancellation).ConfigureAwait(false);
        var file = new HeldFile(new FileDescriptor(SandboxFileErrors.Check(opened)), space.Ended);
        audit.Done(call, space.Label, wish.Path);
        return Reply.Ok(PiecesAsync(file, wish, status, space.Reenter));
    }

    internal ValueTask<Reply<IAsyncEnumerable<SandboxArchivePiece>>> ArchiveAsync(SandboxArchiveOutParams wish, CallContext call)
    {
        var place = places.Take(call);
        FileSpace? space = null;
        try
        {
            space = spaces.Open(call, wish.Session, wish.Workspace);
            // Looked at now, so that what is not there is told before the stream begins.
            var path = space.Resolve(wish.Path);
            SandboxFileErrors.Check(space.Run(root => root.TryGetStatus(path, out _)));
            audit.Done(call, space.Label, wish.Path);
            return new(Reply.Ok(ArchiveAsync(space, wish.Path, place, call.Cancellation)));
        }
        catch
        {
            space?.Dispose();
            place.Dispose();
            throw;
        }
    }

    private async IAsyncEnumerable<DownloadPiece> PiecesAsync(
        HeldFile file, SandboxDownloadParams wish, FileStatus status, Func<IDisposable>? reenter, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using (file)
        {
            var pieces = FilePieces.ReadAsync(
                (buffer, at, left) => ReadAsync(file, buffer, at, left, reenter, cancellation),
                error => error == -Errno.EBADF ? SandboxCalls.ErrorOf(SandboxSession.NotFound()) : SandboxFileErrors.ErrorOf(error),
                wish.Offset, wish.Length ?? long.MaxValue, status.SizeBytes, FileKinds.ModifiedOf(status));
            await foreach (var piece in pieces.ConfigureAwait(false))
            {
                yield return piece;
            }
        }
    }

    private Task<ReadProgress> ReadAsync(HeldFile file, byte[] buffer, long offset, long most, Func<IDisposable>? reenter, CancellationToken cancellation) => gate.RunAsync(
        () =>
        {
            try
            {
                using var entered = reenter?.Invoke();
                return file.Use(descriptor => ReadProgress.FromDisk(descriptor, buffer.AsSpan(0, (int)Math.Min(buffer.Length, most)), offset), new ReadProgress(0, AtEnd: false, Waits: false, -Errno.EBADF));
            }
            catch (SandboxException)
            {
                return new ReadProgress(0, AtEnd: false, Waits: false, -Errno.EBADF);
            }
        },
        () => cancellation).AsTask();

    private async IAsyncEnumerable<SandboxArchivePiece> ArchiveAsync(
        FileSpace space, string path, IDisposable place, CancellationToken caller, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var ended = space.Ended;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellation, caller, ended);
        var source = new ArchiveSource(space, path, limits, ends.Token);
        // A thread of its own, of which there are few: it waits for whoever reads.
        var working = Task.Factory.StartNew(
            () =>
            {
                // Let go of here and not by the reader: one that stands still keeps no session from ending.
                using (place)
                using (space)
                {
                    source.Run();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            while (await source.Pieces.WaitToReadAsync(CancellationToken.None).ConfigureAwait(false))
            {
                while (source.Pieces.TryRead(out var piece))
                {
                    yield return piece;
                }
            }

            if (ended.IsCancellationRequested)
            {
                throw new RpcException(SandboxCalls.ErrorOf(SandboxSession.NotFound()));
            }
        }
        finally
        {
            await ends.CancelAsync().ConfigureAwait(false);
            await working.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
