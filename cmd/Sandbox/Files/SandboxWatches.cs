using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Changes as a stream, with what was lost reported. The first part says that the watch is in place.</summary>
internal sealed class SandboxWatches(FileSpaces spaces, BlockingGate gate, WatchBoard board)
{
    /// <summary>Most changes that wait for the holder of a watch.</summary>
    private const int MaxPending = 1024;

    internal async ValueTask<Reply<IAsyncEnumerable<FileEvents>>> StartAsync(SandboxWatchParams wish, CallContext call)
    {
        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        var queue = new WatchQueue(MaxPending);
        var result = await gate.RunAsync(
            () => space.Run(root =>
            {
                var found = root.TryFind(path, out _);
                if (found < 0)
                {
                    return found;
                }

                // Closed once it is watched: the kernel does not tell of the end of what somebody holds open.
                using var place = new FileDescriptor(found);
                var added = board.TryAdd(queue, place.Number);
                return added is -Errno.ENOSPC or -Errno.EMFILE ? NoneLeft : added;
            }),
            () => call.Cancellation).ConfigureAwait(false);
        return result != NoneLeft ? Stream(queue, SandboxFileErrors.Check(result), space.Ended)
            : RpcError.ResourceExhausted("no further watch can be set; end one, or try again later", SandboxReasons.WatchesExhausted);
    }

    // Beside 0 and negated error numbers.
    private const int NoneLeft = int.MinValue;

    private Reply<IAsyncEnumerable<FileEvents>> Stream(WatchQueue queue, int _, CancellationToken ended) => Reply.Ok(PartsAsync(queue, ended));

    private async IAsyncEnumerable<FileEvents> PartsAsync(WatchQueue queue, CancellationToken ended, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        using var ending = ended.UnsafeRegister(static q => ((WatchQueue)q!).End(), queue);
        try
        {
            yield return new FileEvents([]);
            while (await queue.WaitAsync(cancellation).ConfigureAwait(false))
            {
                yield return queue.Take();
            }

            if (!queue.IsGone)
            {
                throw new RpcException(SandboxCalls.ErrorOf(SandboxSession.NotFound()));
            }
        }
        finally
        {
            board.Remove(queue);
        }
    }
}
