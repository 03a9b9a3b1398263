using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>What the sandbox service records, each with the capability that did it. Never the value of a variable, a secret, or a byte of a file.</summary>
internal sealed class SandboxAudit(AuditLog log)
{
    /// <summary>Something that was done in a session; the event has the method's name unless another one is said.</summary>
    internal void Done(CallContext call, string session, string? target = null, long? bytes = null, string? name = null) =>
        log.Note(AuditLog.Of(name ?? call.Method.Name, "allowed", call) with { Resource = session, Target = target, Bytes = bytes });

    /// <summary>Something that came to nothing, for a reason of the session or the configuration.</summary>
    internal void Refused(CallContext call, string? session, string? reason, string? target = null) =>
        log.Note(AuditLog.Of(call.Method.Name, "refused", call) with { Resource = session, Target = target, Reason = reason });

    /// <summary>Something that the capability does not allow.</summary>
    internal void Denied(CallContext call, string? session, string? reason, string? target = null) =>
        log.Note(AuditLog.Of("auth.denied", "denied", call) with { Resource = session, Target = target, Reason = reason });

    /// <summary>A session's end; without a call it ended by <paramref name="reason"/>, and what made it is named.</summary>
    internal void Closed(SessionSlot slot, string reason, CallContext? call) =>
        log.Note((call is null ? Own("sandbox.close", slot) : AuditLog.Of("sandbox.close", "allowed", call)) with { Resource = slot.Record.Name, Reason = reason });

    /// <summary>A session that could not be made anew.</summary>
    internal void Lost(SessionSlot slot, string reason) => log.Note(Own("sandbox.lost", slot) with { Resource = slot.Record.Name, Reason = reason });

    /// <summary>A program in a session wanted to go where it may not.</summary>
    internal void NetworkDenied(SessionSlot slot, string target, string reason) =>
        log.Note(Own("sandbox.network_denied", slot) with { Outcome = "denied", Resource = slot.Record.Name, Target = target, Reason = reason });

    /// <summary>A host gets a secret of a session, which is the reason, for the first time.</summary>
    internal void SecretUsed(SessionSlot slot, string name, string target) =>
        log.Note(Own("sandbox.secret_used", slot) with { Resource = slot.Record.Name, Target = target, Reason = name });

    private static AuditRecord Own(string name, SessionSlot slot) =>
        new(name, "done") { CapId = slot.Capability.CapabilityId, Subject = slot.Capability.Subject };
}
