using System.Globalization;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>Files of any size, and archives, into a sandbox: begun, sent piece by piece, and committed.</summary>
internal sealed class SandboxUploads(FileSpaces spaces, BlockingGate gate, ArchivePlaces places, UploadTable table, SandboxFileOptions options, SandboxAudit audit)
{
    private const int NewFileMode = 0x180; // 0600

    internal async ValueTask<Reply<SandboxUploadBegun>> BeginAsync(SandboxUploadParams wish, CallContext call)
    {
        if (Permissions.Parse(wish.Permissions, out var mode) is { } fault)
        {
            return fault;
        }

        var place = wish.Resume is not { } name ? null
            : new UploadPlace(SandboxSessions.OwnerOf(call), SandboxSessions.ClaimsOf(call).CapabilityId, wish.Session, wish.Workspace, wish.Path, mode, wish.Replace, name);
        var space = spaces.Open(call, wish.Session, wish.Workspace);
        try
        {
            if (place is not null && table.FindAt(place) is { } known)
            {
                space.Dispose();
                // Behind what an earlier connection has sent.
                return await table.Find(known.Handle, call).InTurnAsync(() => Task.FromResult(new SandboxUploadBegun(known.Handle, known.Received))).ConfigureAwait(false);
            }

            var path = space.Resolve(wish.Path);
            var made = await gate.RunAsync(() => Make(space, path, wish.Replace), () => call.Cancellation).ConfigureAwait(false);
            return new SandboxUploadBegun(table.Admit(new IncomingFile(space, wish.Path, made, gate, mode, wish.Replace), call, place));
        }
        catch (Exception e)
        {
            // Held by nobody else: a session that ends would wait for it.
            space.Dispose();
            if (e is SandboxException refused)
            {
                audit.Refused(call, space.Label, refused.Reason, wish.Path);
            }

            throw;
        }
    }

    internal ValueTask<Reply<SandboxUploadBegun>> BeginArchiveAsync(SandboxArchiveInParams wish, CallContext call)
    {
        var place = places.Take(call);
        try
        {
            var space = spaces.Open(call, wish.Session, wish.Workspace);
            return new(new SandboxUploadBegun(table.Admit(new IncomingArchive(space, wish.Path, place, options.Archives), call)));
        }
        catch
        {
            place.Dispose();
            throw;
        }
    }

    internal async ValueTask<Reply<UploadWriteResult>> WriteAsync(SandboxUploadWriteParams wish, CallContext call)
    {
        var incoming = table.Find(wish.Handle, call);
        return await incoming.InTurnAsync(() => WriteAsync(incoming, wish, call)).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<SandboxUploadDone>> CommitAsync(SandboxUploadCommitParams wish, CallContext call)
    {
        var incoming = table.Find(wish.Handle, call);
        return await incoming.InTurnAsync(() => CommitAsync(incoming, wish, call)).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<StatusResult>> DiscardAsync(SandboxUploadDiscardParams wish, CallContext call)
    {
        var incoming = table.Find(wish.Handle, call);
        await Task.Run(() => table.End(incoming.Handle)).ConfigureAwait(false);
        return new StatusResult("discarded");
    }

    private static PendingFile Make(FileSpace space, byte[] path, bool replace)
    {
        space.Allowance?.Take(0, 1);
        PendingFile? made = null;
        var result = space.Run(root => PendingFile.TryMake(root, path, replace, NewFileMode, out made, out _));
        if (result < 0)
        {
            space.Allowance?.GiveBack(0, 1);
        }

        SandboxFileErrors.Check(result);
        return made!;
    }

    private async Task<Reply<UploadWriteResult>> WriteAsync(Incoming incoming, SandboxUploadWriteParams wish, CallContext call)
    {
        if (wish.Offset != incoming.Received)
        {
            var known = incoming.Received.ToString(CultureInfo.InvariantCulture);
            return new RpcError(ErrorCode.Conflict, $"the upload has {known} bytes; send those from there on") { Reason = SandboxReasons.OffsetMismatch, Details = [new("offset", known)] };
        }

        if (incoming is IncomingFile && incoming.Received + wish.DataB64.Length > options.MaxUploadBytes)
        {
            return new RpcError(ErrorCode.ResourceExhausted, $"an upload has at most {options.MaxUploadBytes} bytes; send the file in parts") { Reason = SandboxReasons.FileTooLarge };
        }

        try
        {
            await incoming.WriteAsync(wish.DataB64, call.Cancellation).ConfigureAwait(false);
            return new UploadWriteResult(incoming.Received);
        }
        catch (Exception e)
        {
            if (incoming is IncomingArchive)
            {
                // What comes after an entry that could not be made would be unpacked by nobody.
                await Task.Run(() => table.End(incoming.Handle)).ConfigureAwait(false);
            }

            throw e as SandboxException ?? Ended(incoming, e);
        }
    }

    private async Task<Reply<SandboxUploadDone>> CommitAsync(Incoming incoming, SandboxUploadCommitParams wish, CallContext call)
    {
        if (wish.Size != incoming.Received)
        {
            return new RpcError(ErrorCode.Conflict, $"the upload has {incoming.Received} bytes and not {wish.Size}; send the rest, or discard it") { Reason = SandboxReasons.SizeMismatch };
        }

        try
        {
            var done = await incoming.CommitAsync(call.Cancellation).ConfigureAwait(false);
            audit.Done(call, incoming.Space.Label, incoming.Path, done.Size);
            return done;
        }
        catch (Exception e)
        {
            var refused = e as SandboxException ?? Ended(incoming, e);
            audit.Refused(call, incoming.Space.Label, refused.Reason, incoming.Path);
            throw refused;
        }
        finally
        {
            await Task.Run(() => table.End(incoming.Handle)).ConfigureAwait(false);
        }
    }

    /// <summary>The session, the upload or the call has ended beneath the work.</summary>
    private static SandboxException Ended(Incoming incoming, Exception e) =>
        incoming.Space.Ended.IsCancellationRequested ? SandboxSession.NotFound()
        : e is OperationCanceledException or ObjectDisposedException or InvalidOperationException ? UploadTable.NoSuchHandle()
        : throw new InvalidOperationException("an upload failed", e);
}
