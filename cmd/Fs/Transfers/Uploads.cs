using System.Text;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>Uploads of any size: begun or gone on with, piece by piece, and then at their path whole or not at all.</summary>
internal sealed class Uploads(PathCalls paths, OpenHandles handles, BlockingGate gate, ByteAllowances allowances, FsAudit audit)
{
    internal async ValueTask<Reply<UploadResult>> BeginAsync(UploadParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        if (!IsName(wish.Upload))
        {
            return RpcError.InvalidField("upload", "the field \"upload\" must have letters, digits, - and _ alone");
        }

        if (Permissions.Parse(wish.Permissions, out var mode) is { } fault)
        {
            return fault;
        }

        UploadFile? file = null;
        long offset = 0;
        var claims = PathCalls.ClaimsOf(call);
        var outcome = await paths.RunAsync(path, root => Open(root, path.Relative, wish, mode, claims, out file, out offset), call).ConfigureAwait(false);
        if (outcome.Error is not null)
        {
            return paths.Refuse(call, wish.Path, outcome);
        }

        return handles.Admit(file!) is { } full ? paths.Refuse(call, wish.Path, full) : new UploadResult(file!.Handle, offset);
    }

    internal async ValueTask<Reply<UploadWriteResult>> WriteAsync(UploadWriteParams wish, CallContext call)
    {
        if (Find(wish.Handle, call) is not { } file)
        {
            return FileErrors.NoSuchHandle;
        }

        return await file.InTurnAsync(() => WriteAsync(file, wish, call)).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<HashResult>> CommitAsync(UploadCommitParams wish, CallContext call)
    {
        if (Find(wish.Handle, call) is not { } file)
        {
            return FileErrors.NoSuchHandle;
        }

        return await file.InTurnAsync(() => CommitAsync(file, wish, call)).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<StatusResult>> DiscardAsync(UploadDiscardParams wish, CallContext call)
    {
        if (Find(wish.Handle, call) is not { } file)
        {
            return FileErrors.NoSuchHandle;
        }

        var result = await file.InTurnAsync(() => gate.RunAsync(() => file.WithDirectory(file.Discard), () => call.Cancellation).AsTask()).ConfigureAwait(false);
        handles.Close(file, call);
        return result is null ? FileErrors.NoSuchHandle : result < 0 ? FileErrors.OfChange(result.Value) : new StatusResult("discarded");
    }

    private async Task<Reply<UploadWriteResult>> WriteAsync(UploadFile file, UploadWriteParams wish, CallContext call)
    {
        var claims = PathCalls.ClaimsOf(call);
        if ((ByteAllowances.Check(claims, wish.Offset + wish.DataB64.Length) ?? await allowances.TakeAsync(claims, wish.DataB64.Length).ConfigureAwait(false)) is { } excess)
        {
            return excess;
        }

        (int Written, long Size) done = default;
        try
        {
            done = await gate.RunAsync(() => Append(file, wish.DataB64.Span, wish.Offset), () => call.Cancellation).ConfigureAwait(false);
        }
        finally
        {
            allowances.GiveBack(claims, wish.DataB64.Length - Math.Max(done.Written, 0));
        }

        if (done.Written < 0)
        {
            return done.Written == -Errno.EBADF ? FileErrors.NoSuchHandle : FileErrors.OfContent(done.Written);
        }

        if (done.Size != wish.Offset)
        {
            return FileErrors.Mismatch(FsReasons.OffsetMismatch, $"the upload has {done.Size} bytes; send those from there on")
                with { Details = [new("offset", done.Size.ToString(System.Globalization.CultureInfo.InvariantCulture))] };
        }

        audit.Wrote(call, file, done.Written);
        return new UploadWriteResult(wish.Offset + done.Written);
    }

    private async Task<Reply<HashResult>> CommitAsync(UploadFile file, UploadCommitParams wish, CallContext call)
    {
        var (hash, size, error) = wish.Sha256 is null ? ("", SizeOf(file), 0) : await FileHasher.RunAsync(gate, file, () => call.Cancellation).ConfigureAwait(false);
        if (error < 0 || size < 0)
        {
            return FileErrors.NoSuchHandle;
        }

        if (size != wish.Size)
        {
            return FileErrors.Mismatch(FsReasons.SizeMismatch, $"the upload has {size} bytes and not {wish.Size}; send the rest, or discard it");
        }

        if (wish.Sha256 is not null && !string.Equals(hash, wish.Sha256, StringComparison.OrdinalIgnoreCase))
        {
            return FileErrors.Mismatch(FsReasons.HashMismatch, "the upload's content is not what sha256 says; discard it and begin anew");
        }

        var result = await gate.RunAsync(() => Commit(file), () => call.Cancellation).ConfigureAwait(false);
        if (result < 0)
        {
            return result == -Errno.EBADF ? FileErrors.NoSuchHandle : paths.Refuse(call, file.Path, FileErrors.OfChange(result));
        }

        audit.Changed(call, file.Path, bytes: size);
        handles.Close(file, call);
        return new HashResult(hash, size);
    }

    private UploadFile? Find(string handle, CallContext call) => handles.Find(handle, call, PathCalls.ClaimsOf(call)) as UploadFile;

    private static PathOutcome Open(BeneathRoot root, byte[] path, UploadParams wish, int mode, CapabilityClaims claims, out UploadFile? file, out long offset)
    {
        (file, offset) = (null, 0);
        var opened = root.TryOpenParent(path, out var name);
        if (opened < 0)
        {
            return PathOutcome.Of(opened);
        }

        var directory = BeneathRoot.Of(new FileDescriptor(opened), root.KeptOut);
        var taken = !wish.Replace && FileStatus.TryGetEntry(directory.Handle, name, out _) == 0;
        var own = Encoding.ASCII.GetBytes($".strata-upload-{wish.Upload}");
        var result = taken ? -Errno.EEXIST : OpenPartial(directory, own, out offset);
        if (result < 0)
        {
            directory.Dispose();
            return PathOutcome.OfChange(result);
        }

        file = new UploadFile(new FileDescriptor(result), directory, own, name.ToArray(), claims, wish.Path) { Replaces = wish.Replace, Mode = mode };
        return PathOutcome.OfChange(0);
    }

    /// <summary>Opens what is there so far, or begins. What somebody else put there, perhaps a further name of a file elsewhere, is nobody's upload.</summary>
    private static int OpenPartial(BeneathRoot directory, byte[] own, out long offset)
    {
        offset = 0;
        var result = directory.TryOpenFile(own, new FileOpening { Access = FileAccess.ReadWrite, Create = true, Mode = 0x180 }, out var status, out _);
        if (result < 0)
        {
            return result;
        }

        var file = new FileDescriptor(result);
        // A link there was followed, beneath the prefix: then the name is not the file's.
        var isOwn = FileStatus.TryGetEntry(directory.Handle, own, out var named) == 0 && (named.Inode, named.Device) == (status.Inode, status.Device)
            && status.Links == 1 && status.Uid == UserId.Effective;
        var locked = isOwn ? FileContent.TryLock(result) : -Errno.EEXIST;
        if (locked < 0 || FileStatus.TryGet(result, out status) < 0)
        {
            file.Dispose();
            return locked == -Errno.EAGAIN ? -Errno.EBUSY : Math.Min(locked, -1);
        }

        offset = status.SizeBytes;
        return file.Release();
    }

    /// <summary>Writes at the end, and only there: what is there so far never has a hole.</summary>
    private static (int Written, long Size) Append(UploadFile file, ReadOnlySpan<byte> bytes, long offset)
    {
        if (!file.TryHold(out var descriptor))
        {
            return (-Errno.EBADF, 0);
        }

        try
        {
            var known = FileStatus.TryGet(descriptor, out var status);
            return known < 0 ? (known, 0)
                : status.SizeBytes != offset ? (0, status.SizeBytes)
                : (FileContent.TryWriteAll(descriptor, bytes, offset), offset);
        }
        finally
        {
            file.Release();
        }
    }

    private static int Commit(UploadFile file)
    {
        if (!file.TryHold(out var descriptor))
        {
            return -Errno.EBADF;
        }

        try
        {
            return file.WithDirectory(() => file.Commit(descriptor)) ?? -Errno.EBADF;
        }
        finally
        {
            file.Release();
        }
    }

    private static long SizeOf(UploadFile file)
    {
        if (!file.TryHold(out var descriptor))
        {
            return -1;
        }

        try
        {
            return FileStatus.TryGet(descriptor, out var status) < 0 ? -1 : status.SizeBytes;
        }
        finally
        {
            file.Release();
        }
    }

    private static bool IsName(string text) => text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
