using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary><c>fs.hash</c>: reads a file of any size in turns at the gate and ends with its capability.</summary>
internal sealed class FileHasher(PathCalls paths, OpenHandles handles, BlockingGate gate)
{
    private const int BufferBytes = 256 * 1024;
    private const int ReadsPerTurn = 32;

    internal async ValueTask<Reply<HashResult>> HashAsync(HashParams wish, CallContext call)
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

        var file = new OpenFile(new FileDescriptor(opened.Result), PathCalls.ClaimsOf(call), wish.Path);
        if (handles.Admit(file) is { } full)
        {
            return full;
        }

        try
        {
            var (hash, size, error) = await RunAsync(gate, file, () => call.Cancellation).ConfigureAwait(false);
            return error == 0 ? new HashResult(hash, size) : error == -Errno.EBADF ? handles.EndOf(file) : FileErrors.OfRead(error);
        }
        finally
        {
            handles.Forget(file);
        }
    }

    /// <summary>Hashes an open file from its start to its end.</summary>
    /// <returns>The hash and size, or a negated error number; EBADF: the handle was closed meanwhile.</returns>
    internal static async ValueTask<(string Hash, long Size, int Error)> RunAsync(BlockingGate gate, OpenFile file, Func<CancellationToken> cancellation)
    {
        var hash = new Sha256Hash();
        var buffer = GC.AllocateUninitializedArray<byte>(BufferBytes);
        long position = 0;
        while (true)
        {
            cancellation().ThrowIfCancellationRequested();
            var (read, error) = await gate.RunAsync(() => Turn(file, hash, buffer, position), cancellation).ConfigureAwait(false);
            position += read;
            if (error < 0)
            {
                return ("", position, error);
            }

            if (read == 0)
            {
                return (hash.Finish(), position, 0);
            }
        }
    }

    private static (long Read, int Error) Turn(OpenFile file, Sha256Hash hash, byte[] buffer, long position)
    {
        if (!file.TryHold(out var descriptor))
        {
            return (0, -Errno.EBADF);
        }

        try
        {
            long total = 0;
            for (var i = 0; i < ReadsPerTurn; i++)
            {
                var count = FileContent.TryRead(descriptor, buffer, position + total);
                if (count <= 0 && count != -Errno.EINTR)
                {
                    return (total, count);
                }

                hash.Append(buffer.AsSpan(0, Math.Max(count, 0)));
                total += Math.Max(count, 0);
                // Hashing is all processor: what waits for one, such as a revocation on its way, goes first.
                Thread.Yield();
            }

            return (total, 0);
        }
        finally
        {
            file.Release();
        }
    }
}
