using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>What the file service records: every open, reads, and every close with its totals. Paths are those the caller named.</summary>
internal sealed class FsAudit(AuditLog log, bool everyRead)
{
    internal void Opened(CallContext call, string path) => log.Note(AuditLog.Of("fs.open", "allowed", call) with { Resource = path });

    internal void OpenRefused(CallContext call, string path, RpcError error) =>
        log.Note(AuditLog.Of("fs.open", "denied", call) with { Resource = path, Reason = error.Reason });

    /// <summary>A path that leaves the prefix through a link: the same record as for one that leaves it by its text.</summary>
    internal void Escaped(CallContext call, string path, string? reason) =>
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

    /// <summary>A handle's end; without a call it ended by <paramref name="reason"/>.</summary>
    internal void Closed(OpenFile file, CallContext? call, string? reason)
    {
        var record = call is null
            ? new AuditRecord("fs.close", "allowed") { CapId = file.CapabilityId, Subject = file.Subject }
            : AuditLog.Of("fs.close", "allowed", call);
        log.Note(record with { Resource = file.Path, Reason = reason, Reads = file.Reads, Bytes = file.Bytes });
    }
}
