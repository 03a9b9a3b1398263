using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>
/// <c>fs.copy</c>: shares blocks where the file system can, else copies within the kernel, else by hand; holes stay holes. A large
/// copy takes many short turns at the gate, and ends with its capability.
/// </summary>
internal sealed class FileCopier(PathCalls paths, OpenHandles handles, BlockingGate gate, ByteAllowances allowances, FsAudit audit)
{
    internal async ValueTask<Reply<CopyResult>> CopyAsync(CopyParams wish, CallContext call)
    {
        if (paths.ResolveToCopy(call, wish.From, wish.To, out var from, out var to) is { } refused)
        {
            return refused;
        }

        var opened = await paths.RunAsync(from, root => PathOutcome.Of(root.TryOpenFile(from.Relative, out var status), status), call).ConfigureAwait(false);
        if (opened.Error is not null)
        {
            return paths.Refuse(call, wish.From, opened);
        }

        var source = new OpenFile(new FileDescriptor(opened.Result), PathCalls.ClaimsOf(call), wish.From);
        if (handles.Admit(source) is { } full)
        {
            return paths.Refuse(call, wish.From, full);
        }

        var (claims, bytes, done) = (PathCalls.ClaimsOf(call), opened.Status.SizeBytes, false);
        if (await allowances.TakeAsync(claims, bytes).ConfigureAwait(false) is { } excess)
        {
            handles.Forget(source);
            return paths.Refuse(call, wish.From, excess);
        }

        try
        {
            var reply = await CopyAsync(wish, source, opened.Status, to, call).ConfigureAwait(false);
            done = reply.Error is null;
            return reply;
        }
        finally
        {
            allowances.GiveBack(claims, done ? 0 : bytes);
            handles.Forget(source);
        }
    }

    private async ValueTask<Reply<CopyResult>> CopyAsync(CopyParams wish, OpenFile source, FileStatus status, PrefixPath to, CallContext call)
    {
        PendingFile? made = null;
        var outcome = await paths.RunAsync(
            to,
            root => PendingFile.TryMake(root, to.Relative, wish.Replace, 0x180, out made, out var found) is var result && found ? PathOutcome.OfChange(result) : PathOutcome.Of(result),
            call).ConfigureAwait(false);
        if (outcome.Error is not null)
        {
            return paths.Refuse(call, wish.To, outcome);
        }

        using var target = made!;
        var job = new CopyJob(source, target, status.SizeBytes);
        int result;
        do
        {
            call.Cancellation.ThrowIfCancellationRequested();
            result = await gate.RunAsync(job.Step, () => call.Cancellation).ConfigureAwait(false);
        }
        while (result > 0);
        result = result < 0 ? result : await gate.RunAsync(() => job.Finish(status.Mode & 0x1FF, wish.Replace), () => call.Cancellation).ConfigureAwait(false);
        if (result < 0)
        {
            return result == -Errno.EBADF ? handles.EndOf(source) : paths.Refuse(call, wish.To, FileErrors.OfChange(result));
        }

        audit.Changed(call, wish.From, wish.To, status.SizeBytes);
        return new CopyResult(status.SizeBytes, job.IsReflink);
    }

    /// <summary>One copy, step by step.</summary>
    private sealed class CopyJob(OpenFile source, PendingFile target, long size)
    {
        private readonly ContentCopy _copy = new(target.Descriptor, size);

        internal bool IsReflink => _copy.IsReflink;

        /// <summary>Does a turn's work: 1 when there is more, 0 at the end, or a negated error number; EBADF: the capability has ended.</summary>
        internal int Step()
        {
            if (!source.TryHold(out var from))
            {
                return -Errno.EBADF;
            }

            try
            {
                return _copy.Step(from);
            }
            finally
            {
                source.Release();
            }
        }

        internal int Finish(int mode, bool replace)
        {
            var result = _copy.Finish();
            result = result < 0 ? result : FileContent.TryChangeMode(target.Descriptor, mode);
            return result < 0 ? result : target.Commit(replace);
        }
    }
}
