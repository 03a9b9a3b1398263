using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary><c>fs.watch</c>: changes as a stream, with what was lost reported. The first part says that the watch is in place.</summary>
internal sealed class FileWatcher(PathCalls paths, OpenHandles handles, WatchBoard board, FsOptions options)
{
    internal async ValueTask<Reply<IAsyncEnumerable<FileEvents>>> StartAsync(WatchFilesParams wish, CallContext call)
    {
        if (paths.Resolve(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        var found = await paths.RunAsync(path, root => PathOutcome.Of(root.TryFind(path.Relative, out var status), status), call).ConfigureAwait(false);
        if (found.Error is not null)
        {
            return paths.Refuse(call, wish.Path, found);
        }

        // Closed once it is watched: the kernel does not tell of the end of what somebody holds open.
        using var place = new FileDescriptor(found.Result);
        var watch = new FileWatch(PathCalls.ClaimsOf(call), wish.Path, options.MaxPendingEvents, board.Remove);
        if (handles.Admit(watch) is { } full)
        {
            return full;
        }

        // Admitted first: a revocation from here on ends the watch, or finds it ended.
        var result = watch.TryHold(out _) ? Add(watch, place) : -Errno.EBADF;
        if (result < 0)
        {
            var error = result == -Errno.EBADF ? handles.EndOf(watch) : result is -Errno.ENOSPC or -Errno.EMFILE ? FileErrors.NoWatchLeft : FileErrors.Of(result);
            handles.Forget(watch);
            return error;
        }

        return Reply.Ok(PartsAsync(watch));
    }

    private int Add(FileWatch watch, FileDescriptor place)
    {
        try
        {
            return board.TryAdd(watch.Queue, place.Number);
        }
        finally
        {
            watch.Release();
        }
    }

    private async IAsyncEnumerable<FileEvents> PartsAsync(FileWatch watch, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            yield return new FileEvents([]);
            while (await watch.Queue.WaitAsync(cancellation).ConfigureAwait(false))
            {
                yield return watch.Queue.Take();
            }

            if (!watch.Queue.IsGone)
            {
                throw new RpcException(handles.EndOf(watch));
            }
        }
        finally
        {
            handles.Forget(watch);
        }
    }
}
