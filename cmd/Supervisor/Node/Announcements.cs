using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// What services say of themselves. The kernel's word about the sender decides whose message it is; strangers' messages,
/// those of a service's own children included, are dropped.
/// </summary>
internal sealed class Announcements(NotifySocket socket, ChildTable children, Action<string, NotifyMessage>? keep = null)
{
    /// <summary>Messages held for processes whose spawn has not been reported yet; further ones are dropped.</summary>
    internal const int MaxHeld = 64;

    /// <summary>Messages taken at once, so that a service that floods does not keep the loop from all others.</summary>
    internal const int MaxTakenAtOnce = 1024;

    private readonly List<NotifyMessage> _held = [];

    /// <summary>Takes what has come.</summary>
    /// <param name="isSpawning">Whether a sender that is unknown now may turn out to be a service just spawned.</param>
    internal List<NodeEvent> Take(bool isSpawning)
    {
        var events = new List<NodeEvent>();
        var earlier = _held.ToArray();
        _held.Clear();
        foreach (var message in earlier)
        {
            Sort(message, isSpawning, events);
        }

        for (var taken = 0; taken < MaxTakenAtOnce && (socket.TryReceive(out var message) is 1 or -Errno.EINTR); taken++)
        {
            if (message is not null)
            {
                Sort(message, isSpawning, events);
            }
        }

        return events;
    }

    private void Sort(NotifyMessage message, bool isSpawning, List<NodeEvent> events)
    {
        if (children.OfPid(message.Sender.Pid) is not { } child)
        {
            if (isSpawning && _held.Count < MaxHeld)
            {
                _held.Add(message);
            }
            else
            {
                message.Dispose();
            }

            return;
        }

        if (message.Stores || message.Forgets)
        {
            keep?.Invoke(child.Name, message);
        }

        if (message.Ready)
        {
            events.Add(new NodeEvent.Ready(child.Name, child.Incarnation));
        }

        if (message.Watchdog)
        {
            events.Add(new NodeEvent.WatchdogPing(child.Name, child.Incarnation));
        }
    }
}
