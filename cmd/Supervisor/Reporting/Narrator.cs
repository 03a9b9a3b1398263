using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Follows the event log and tells it on: to the log, the audit and the service manager. Because it only follows, a full
/// disk or a stuck terminal holds up the telling, never the node.
/// </summary>
internal sealed class Narrator(NodeBoard board, ILogger log, AuditLog audit, ServiceManager manager)
{
    private const int MaxNamed = 5;

    private long _next = 1;
    private bool _allWereHealthy;

    /// <summary>Tells everything from the node's first event on; ends with the node. Begun again, it goes on where it was.</summary>
    internal async Task RunAsync(CancellationToken cancellation)
    {
        while (true)
        {
            var page = await board.FindAsync(node => EventPages.After(node, _next), cancellation).ConfigureAwait(false);
            if (page.HasGap)
            {
                log.EventsMissed(page.Missed);
            }

            _next = page.NextSequence;
            foreach (var record in page.Records)
            {
                Tell(record);
                Audit(record);
            }

            AnnounceReadiness(board.Current);
            if (page.Records[^1].Kind == EventKind.NodeStopped)
            {
                return;
            }
        }
    }

    private void Tell(EventRecord record)
    {
        if (record.Service is not { } name)
        {
            log.NodeChanged(record.Cause);
            if (record.Kind == EventKind.NodeStopping)
            {
                manager.Stopping(record.Cause);
                _ = audit.SealAsync(); // Tried while identity is there, for who had the node stopped; otherwise that is sealed when the node is started again.
            }
        }
        else if (record.Kind == EventKind.RunSkipped)
        {
            log.Changed(name, "skipped", record.Cause);
        }
        else if (record.Kind == EventKind.ServiceRemoved)
        {
            log.Changed(name, "forgotten", record.Cause);
        }
        else if (record.To == ServiceState.Healthy && record.From != ServiceState.Healthy)
        {
            var ready = board.Current.RecordOf(name).ReadyAfter ?? TimeSpan.Zero;
            log.Healthy(name, (long)ready.TotalMilliseconds, record.Pid);
        }
        else if (record.To is ServiceState.Crashed or ServiceState.Quarantined || record.Kind == EventKind.ProcessKilled)
        {
            log.Trouble(name, record.Pid, record.To.ToString()!, record.Cause, record.Next);
        }
        else
        {
            log.Changed(name, record.To.ToString()!, record.Cause);
        }
    }

    private void Audit(EventRecord record)
    {
        var name = EventNames.Of(record);
        if (record.Kind == EventKind.StateChanged && name is EventNames.Start or EventNames.Stop or EventNames.Crash or EventNames.Quarantine)
        {
            audit.Note(new AuditRecord(name, "done") { Resource = record.Service, Reason = record.Cause, Pid = record.Pid });
        }
    }

    private void AnnounceReadiness(NodeSnapshot node)
    {
        if (node.State.ShuttingDown)
        {
            return;
        }

        if (node.AllHealthy && !_allWereHealthy)
        {
            _allWereHealthy = true;
            log.NodeReady((long)(node.State.Now.Monotonic - node.State.StartedAt.Monotonic).TotalMilliseconds);
        }

        var status = StatusOf(node);
        if (!manager.IsReady && node.State.HasStarted && !node.State.IsComingUp)
        {
            manager.Ready(status);
        }
        else
        {
            manager.Status(status);
        }
    }

    /// <summary>How many services are as they should be, and some of those that are not.</summary>
    private static string StatusOf(NodeSnapshot node)
    {
        var others = node.State.Services.Values.Where(service => !NodeSnapshot.IsWell(service)).ToList();
        var named = string.Join(", ", others.Take(MaxNamed).Select(service => $"{service.Name} {service.State}"));
        return $"{node.State.Services.Count - others.Count} of {node.State.Services.Count} services Healthy, Completed, Waiting or Listening"
            + (others.Count == 0 ? "" : $"; {named}{(others.Count > MaxNamed ? ", ..." : "")}");
    }
}
