using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>What the file service records: every open, reads, and every close with its totals. Paths are those the caller named.</summary>
internal sealed class FsAudit(AuditLog log, bool everyRead)
{
    internal void Opened(CallContext call, string path) => log.Note(AuditLog.Of("fs.open", "allowed", call) with { Resource = path });

    /// <summary>A descriptor that left the service for good.</summary>
    internal void HandedOver(CallContext call, string path) => log.Note(AuditLog.Of(FsService.OpenDescriptor, "allowed", call) with { Resource = path });

    /// <summary>An open or a change that came to nothing, for a reason of the file system or the configuration.</summary>
    internal void Refused(CallContext call, string path, RpcError error) =>
        log.Note(AuditLog.Of(call.Method.Name, "denied", call) with { Resource = path, Reason = error.Reason });

    /// <summary>A change that was made; the event has the method's name.</summary>
    internal void Changed(CallContext call, string path, string? target = null, long? bytes = null) =>
        log.Note(AuditLog.Of(call.Method.Name, "allowed", call) with { Resource = path, Target = target, Bytes = bytes });

    /// <summary>A path that leaves the prefix, by a link or by its text, or a right that is missing.</summary>
    internal void Denied(CallContext call, string path, string? reason) =>
        log.Note(AuditLog.Of("auth.denied", "denied", call) with { Resource = path, Reason = reason });

    internal void ForeignHandle(CallContext call) =>
        log.Note(AuditLog.Of("auth.denied", "denied", call) with { Reason = DenyReasons.CodeOf(DenyReason.NotHolder) });

    /// <summary>Counts a read and records it when it is the first of its handle, or when all are wanted.</summary>
    internal void Read(CallContext call, OpenFile file, int bytes)
    {
        if (file.Count(bytes) || everyRead)
        {
            log.Note(AuditLog.Of("fs.read", "allowed", call) with { Resource = file.Path, Bytes = bytes });
        }
    }

    /// <summary>A download's end: as one read of all it gave.</summary>
    internal void Downloaded(CallContext call, OpenFile file, long bytes) =>
        log.Note(AuditLog.Of("fs.read", "allowed", call) with { Resource = file.Path, Bytes = bytes });

    /// <summary>Counts a write and records it when it is the first of its handle.</summary>
    internal void Wrote(CallContext call, OpenFile file, int bytes)
    {
        if (file.CountWritten(bytes))
        {
            log.Note(AuditLog.Of("fs.write", "allowed", call) with { Resource = file.Path, Bytes = bytes });
        }
    }

    /// <summary>A handle's end; without a call it ended by <paramref name="reason"/>.</summary>
    internal void Closed(OpenFile file, CallContext? call, string? reason)
    {
        var record = call is null
            ? new AuditRecord("fs.close", "allowed") { CapId = file.CapabilityId, Subject = file.Subject }
            : AuditLog.Of("fs.close", "allowed", call);
        log.Note(record with { Resource = file.Path, Reason = reason, Reads = file.Reads, Bytes = file.Bytes, Written = file.IsWritten ? file.Written : null });
    }
}
