using System.Text;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>Changes open files: <c>fs.write</c>, <c>fs.truncate</c>, <c>fs.sync</c>. All may wait for a disk and do so behind the gate.</summary>
internal sealed class FileWriter(OpenHandles handles, BlockingGate gate, ByteAllowances allowances, FsAudit audit)
{
    internal async ValueTask<Reply<WriteResult>> WriteAsync(WriteParams wish, CallContext call)
    {
        if (BytesOf(wish.DataB64, wish.Data, out var bytes) is { } fault)
        {
            return fault;
        }

        var found = Find(wish.Handle, call, out var file);
        if (found is not null)
        {
            return found;
        }

        if (file.Appends && wish.Offset != 0)
        {
            return RpcError.InvalidField("offset", "the handle appends: each write goes to the end of the file; leave \"offset\" out");
        }

        var claims = PathCalls.ClaimsOf(call);
        if (await allowances.TakeAsync(claims, bytes.Length).ConfigureAwait(false) is { } excess)
        {
            return excess;
        }

        var result = 0;
        try
        {
            result = await gate.RunAsync(() => WithFile(file, descriptor => FileContent.TryWriteAll(descriptor, bytes.Span, wish.Offset)), () => call.Cancellation).ConfigureAwait(false);
        }
        finally
        {
            allowances.GiveBack(claims, bytes.Length - Math.Max(result, 0));
        }

        if (result < 0)
        {
            return ErrorOf(result);
        }

        audit.Wrote(call, file, result);
        return new WriteResult(result);
    }

    internal async ValueTask<Reply<StatusResult>> TruncateAsync(TruncateParams wish, CallContext call)
    {
        if (Find(wish.Handle, call, out var file) is { } refused)
        {
            return refused;
        }

        var result = await gate.RunAsync(() => WithFile(file, descriptor => FileContent.TryTruncate(descriptor, wish.Size)), () => call.Cancellation).ConfigureAwait(false);
        if (result < 0)
        {
            return ErrorOf(result);
        }

        audit.Changed(call, file.Path, bytes: wish.Size);
        return new StatusResult("truncated");
    }

    internal async ValueTask<Reply<StatusResult>> SyncAsync(SyncParams wish, CallContext call)
    {
        if (Find(wish.Handle, call, out var file) is { } refused)
        {
            return refused;
        }

        var result = await gate.RunAsync(() => WithFile(file, FileContent.TrySync), () => call.Cancellation).ConfigureAwait(false);
        return result < 0 ? ErrorOf(result) : new StatusResult("synced");
    }

    /// <summary>The bytes of a call, given once: as they are or as text.</summary>
    internal static RpcError? BytesOf(ReadOnlyMemory<byte>? raw, string? text, out ReadOnlyMemory<byte> bytes)
    {
        bytes = raw ?? Encoding.UTF8.GetBytes(text ?? "");
        return raw is null == text is null ? RpcError.InvalidField("data_b64", "give the bytes once: as \"data_b64\" or, for text, as \"data\"") : null;
    }

    // Closed by another connection, a revocation or expiry between lookup and use: as if it had been closed before.
    private static int WithFile(OpenFile file, Func<int, int> work)
    {
        if (!file.TryHold(out var descriptor))
        {
            return -Errno.EBADF;
        }

        try
        {
            return work(descriptor);
        }
        finally
        {
            file.Release();
        }
    }

    private static RpcError ErrorOf(int result) => result switch
    {
        -Errno.EBADF => FileErrors.NoSuchHandle,
        // An offset or length beyond what the file system counts.
        -Errno.EINVAL => FileErrors.OfContent(-Errno.EFBIG),
        _ => FileErrors.OfContent(result),
    };

    private RpcError? Find(string handle, CallContext call, out OpenFile file)
    {
        file = handles.Find(handle, call, PathCalls.ClaimsOf(call))!;
        return file is null ? FileErrors.NoSuchHandle : (file.Access & FileAccess.Write) == 0 ? FileErrors.HandleMode("write") : null;
    }
}
