namespace Strata.Supervision;

/// <summary>Says an event in words: what, why, and what comes next and when.</summary>
public static class EventSummary
{
    /// <summary>One or two sentences.</summary>
    public static string Of(EventRecord record)
    {
        if (record.Service is not { } name)
        {
            return $"the node {record.Kind switch
            {
                EventKind.NodeStarting => "starts",
                EventKind.NodeStopping => "stops",
                EventKind.Reconfigured => "is reconfigured",
                _ => "has stopped",
            }}: {record.Cause}.";
        }

        var what = record.Kind switch
        {
            EventKind.ProcessKilled => $"{name} is sent SIGKILL",
            EventKind.RunSkipped => $"{name} did not run at its time",
            EventKind.ServiceRemoved => $"{name} is forgotten",
            _ => $"{name} is {record.To}",
        };
        var when = record.NextAt is { } at ? $" (in {Words.Duration(at > record.At.Wall ? at - record.At.Wall : TimeSpan.Zero)})" : "";
        return record.Next.Length > 0 ? $"{what}: {record.Cause}. Next: {record.Next}{when}." : $"{what}: {record.Cause}.";
    }
}
