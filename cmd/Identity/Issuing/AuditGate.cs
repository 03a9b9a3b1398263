using Strata.Hosting;

namespace Strata.Identity;

/// <summary>
/// Records what is issued without waiting for the disk each time, and still issues nothing while the audit log is dead:
/// once a record was lost, every further one must reach the disk first, until one does.
/// </summary>
internal sealed class AuditGate(AuditLog audit)
{
    private long _lossesSettled;

    /// <summary>Records an event; false when it cannot be recorded and the change must not be made.</summary>
    internal ValueTask<bool> RecordAsync(AuditRecord record)
    {
        var lost = audit.Lost;
        if (lost != Volatile.Read(ref _lossesSettled))
        {
            return new(CommitAsync(record, lost));
        }

        audit.Note(record);
        return new(true);
    }

    private async Task<bool> CommitAsync(AuditRecord record, long lost)
    {
        try
        {
            await audit.CommitAsync(record).ConfigureAwait(false);
            Volatile.Write(ref _lossesSettled, lost);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
