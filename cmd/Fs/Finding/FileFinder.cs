using System.Runtime.CompilerServices;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary><c>fs.find</c>: a bounded search as a stream. Each part is looked for in a turn at the gate, and the search ends with its capability.</summary>
internal sealed class FileFinder(PathCalls paths, OpenHandles handles, BlockingGate gate, FsOptions options)
{
    internal async ValueTask<Reply<IAsyncEnumerable<FindPart>>> StartAsync(FindParams wish, CallContext call)
    {
        if (paths.Resolve(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        var opened = await paths.RunAsync(path, root => PathOutcome.Of(root.TryOpenDirectory(path.Relative, out var status), status), call).ConfigureAwait(false);
        if (opened.Error is not null)
        {
            return paths.Refuse(call, wish.Path, opened);
        }

        var directory = new FileDescriptor(opened.Result);
        // A handle of its own, so that the search counts among the capability's and is told of its end.
        var handle = new OpenFile(FileDescriptor.Duplicate(directory.Number), PathCalls.ClaimsOf(call), wish.Path) { Access = 0 };
        if (handles.Admit(handle) is { } full)
        {
            directory.Dispose();
            return full;
        }

        return Reply.Ok(PartsAsync(new FindWalk(directory, wish, options.MaxVisited, options.KeptOut), handle));
    }

    private async IAsyncEnumerable<FindPart> PartsAsync(FindWalk walk, OpenFile handle, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            while (!walk.IsDone)
            {
                if (!handle.TryHold(out _))
                {
                    throw new RpcException(handles.EndOf(handle));
                }

                handle.Release();
                cancellation.ThrowIfCancellationRequested();
                var part = await gate.RunAsync(walk.Next, () => cancellation).ConfigureAwait(false);
                // Nothing found meanwhile is no news, but for the last word.
                if (part.Entries.Count > 0 || walk.IsDone)
                {
                    yield return part;
                }
            }
        }
        finally
        {
            walk.Dispose();
            handles.Forget(handle);
        }
    }
}
