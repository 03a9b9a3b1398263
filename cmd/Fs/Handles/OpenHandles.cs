using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>The life of handles: admitted, found by their holder, and closed by request, revocation or expiry, each with its audit record.</summary>
internal sealed class OpenHandles
{
    private readonly HandleTable _table;
    private readonly FsOptions _options;
    private readonly FsAudit _audit;
    private readonly RevocationSet _revocations;
    private readonly TimeProvider _time;

    internal OpenHandles(FsOptions options, FsAudit audit, RevocationSet revocations, TimeProvider time)
    {
        (_options, _audit, _revocations, _time) = (options, audit, revocations, time);
        _table = new HandleTable(options);
    }

    internal int Count => _table.Count;

    /// <summary>Takes a new handle in, or disposes it and says why not.</summary>
    internal RpcError? Admit(OpenFile file)
    {
        var refusal = _table.TryAdd(file);
        if (refusal == HandleRefusal.ServiceFull && CloseExpired() > 0)
        {
            refusal = _table.TryAdd(file);
        }

        if (refusal != HandleRefusal.None)
        {
            file.Dispose();
            return refusal == HandleRefusal.CapabilityFull
                ? CapabilityAuthorizer.ErrorOf(DenyReason.QuotaExceeded)
                : RpcError.ResourceExhausted($"the service has {_options.MaxHandles} handles open, the most it takes; try again shortly", FsReasons.HandlesExhausted);
        }

        // A revocation may have come in force after the token was checked and swept before the handle was in the table.
        if (_revocations.Check(file.Claims) == RevocationStatus.Revoked)
        {
            Close(file, call: null, DenyReasons.CodeOf(DenyReason.Revoked));
            return CapabilityAuthorizer.ErrorOf(DenyReason.Revoked);
        }

        return null;
    }

    /// <summary>Ends a handle that no caller ever had: that of a copy, hash or stream.</summary>
    internal void Forget(OpenFile file)
    {
        _table.Remove(file);
        file.Dispose();
    }

    /// <summary>Why a handle was closed beneath the call that used it.</summary>
    internal RpcError EndOf(OpenFile file) => CapabilityAuthorizer.ErrorOf(
        _revocations.Check(file.Claims) == RevocationStatus.Revoked ? DenyReason.Revoked : DenyReason.Expired);

    /// <summary>Whether a capability has ended while its call was worked on.</summary>
    internal RpcError? EndOf(CapabilityClaims claims) =>
        _revocations.Check(claims) == RevocationStatus.Revoked ? CapabilityAuthorizer.ErrorOf(DenyReason.Revoked) : null;

    /// <summary>The caller's handle. Another capability's answers as one that never existed, and is audited.</summary>
    internal OpenFile? Find(string handle, CallContext call, CapabilityClaims claims)
    {
        var file = _table.Find(handle, claims, out var isForeign);
        if (isForeign)
        {
            _audit.ForeignHandle(call);
        }

        if (file is not null && file.IsExpired(_time.GetUtcNow()))
        {
            Close(file, call: null, DenyReasons.CodeOf(DenyReason.Expired));
            return null;
        }

        return file;
    }

    /// <summary>Closes a handle; false when somebody else has.</summary>
    internal bool Close(OpenFile file, CallContext? call, string? reason = null)
    {
        if (!_table.Remove(file))
        {
            return false;
        }

        file.Dispose();
        _audit.Closed(file, call, reason);
        return true;
    }

    /// <summary>
    /// Closes the handles of capabilities that are revoked; called after revocations are in force. All are looked at: what was derived from a
    /// capability ends with it, and only its own chain tells that.
    /// </summary>
    internal void CloseRevoked() => CloseAll(_table.RemoveRevoked(_revocations), DenyReasons.CodeOf(DenyReason.Revoked));

    /// <summary>Closes the handles of expired capabilities and tells how many.</summary>
    internal int CloseExpired() => CloseAll(_table.RemoveExpired(_time.GetUtcNow()), DenyReasons.CodeOf(DenyReason.Expired));

    /// <summary>Closes handles of expired capabilities until cancelled.</summary>
    internal async Task SweepAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(_options.ExpirySweep, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false))
            {
                CloseExpired();
            }
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
    }

    /// <summary>Closes everything: the service stops.</summary>
    internal void CloseAll() => CloseAll(_table.RemoveAll(), FsReasons.Stopping);

    private int CloseAll(IReadOnlyList<OpenFile> files, string reason)
    {
        foreach (var file in files)
        {
            file.Dispose();
            _audit.Closed(file, call: null, reason);
        }

        return files.Count;
    }
}
