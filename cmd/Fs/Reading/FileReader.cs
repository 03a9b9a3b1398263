using System.Numerics;
using System.Text;
using System.Text.Unicode;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>
/// Answers <c>fs.read</c>. What the page cache holds is read and answered on the loop's thread in one go; anything that would
/// wait for a disk is read on the pool.
/// </summary>
/// <remarks>
/// Each attempt asks for one byte more than wanted: whether that byte came tells whether the end was reached, without asking
/// for the file's size, which is wrong for files that grow and zero for those of /proc.
/// </remarks>
internal sealed class FileReader(OpenHandles handles, BlockingGate gate, FsAudit audit)
{
    private const int MinBufferBytes = 8 * 1024;
    private const int MinWaitingBufferBytes = 64 * 1024;

    // An answer that is ready at once is serialised on this very thread before anything else runs on it, so the next read may
    // reuse the buffer. Answers that come later own theirs.
    [ThreadStatic]
    private static byte[]? t_buffer;

    internal ValueTask<Reply<ReadResult>> Read(ReadParams wish, CallContext call)
    {
        var claims = ((Principal)call.Principal!).Claims!;
        var file = handles.Find(wish.Handle, call, claims);
        if (file is null || !file.TryHold(out var descriptor))
        {
            return (Reply<ReadResult>)FileErrors.NoSuchHandle;
        }

        if ((file.Access & FileAccess.Read) == 0)
        {
            file.Release();
            return (Reply<ReadResult>)FileErrors.HandleMode("read");
        }

        var wanted = ByteAllowances.Cap(claims, Math.Min(wish.Size, ReadLimits.MaxBytes));
        var buffer = LoopBuffer(wanted + 1);
        ReadProgress progress;
        try
        {
            progress = ReadProgress.FromCache(descriptor, buffer.AsSpan(0, wanted + 1), wish.Offset);
        }
        finally
        {
            file.Release();
        }

        return progress.Waits ? new ValueTask<Reply<ReadResult>>(ReadWaitingAsync(file, wanted, wish.Offset, call)) : Answer(file, buffer, wanted, progress, call);
    }

    private async Task<Reply<ReadResult>> ReadWaitingAsync(OpenFile file, int wanted, long offset, CallContext call)
    {
        var (progress, buffer) = await gate.RunAsync(() => ReadWaiting(file, wanted, offset), () => call.Cancellation).ConfigureAwait(false);
        return buffer.Length == 0 ? FileErrors.NoSuchHandle : Answer(file, buffer, Math.Min(wanted, buffer.Length - 1), progress, call);
    }

    private static (ReadProgress Progress, byte[] Buffer) ReadWaiting(OpenFile file, int wanted, long offset)
    {
        if (!file.TryHold(out var descriptor))
        {
            return (default, []);
        }

        try
        {
            // A large wish for a small file should not cost a large buffer.
            var left = FileStatus.TryGet(descriptor, out var status) < 0 ? 0 : Math.Max(status.SizeBytes - offset, 0);
            var size = (int)Math.Min(wanted + 1L, Math.Max(left + 1, MinWaitingBufferBytes));
            var buffer = GC.AllocateUninitializedArray<byte>(size);
            return (ReadProgress.FromDisk(descriptor, buffer, offset), buffer);
        }
        finally
        {
            file.Release();
        }
    }

    private Reply<ReadResult> Answer(OpenFile file, byte[] buffer, int wanted, ReadProgress progress, CallContext call)
    {
        if (progress.Error < 0)
        {
            return FileErrors.OfRead(progress.Error);
        }

        var count = Math.Min(progress.Filled, wanted);
        audit.Read(call, file, count);
        return new ReadResult(buffer.AsMemory(0, count), count, progress.Filled <= wanted && progress.AtEnd, TextOf(buffer.AsSpan(0, count)));
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= ReadLimits.MaxTextBytes && Utf8.IsValid(bytes) ? Encoding.UTF8.GetString(bytes) : null;

    private static byte[] LoopBuffer(int bytes)
    {
        if (t_buffer is null || t_buffer.Length < bytes)
        {
            t_buffer = GC.AllocateUninitializedArray<byte>((int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, MinBufferBytes)));
        }

        return t_buffer;
    }
}
