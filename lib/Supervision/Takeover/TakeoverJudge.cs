using System.Globalization;

namespace Strata.Supervision;

/// <summary>
/// Decides what becomes of processes that an earlier supervisor has left. A pid is believed only together with boot and start time, and a process only with
/// something on it that is the node's: a record may be old, damaged or forged. In doubt the process is left alone and the service stays down.
/// </summary>
public static class TakeoverJudge
{
    /// <summary>The verdict on a process.</summary>
    /// <param name="pid">The pid that the record names.</param>
    /// <param name="evidence">What the machine tells of it.</param>
    public static Inheritance Of(int pid, ProcessEvidence evidence)
    {
        if (!evidence.SameBoot || !evidence.Lives)
        {
            return new Inheritance(TakeoverVerdict.Gone, pid);
        }

        var doubt = !evidence.LeadsSession ? "it leads no session of its own"
            : evidence.InGroup == false ? "it is not in the control group that the record names"
            : !evidence.BearsMark ? "it holds neither the service's socket nor its output, nor the node's address"
            : null;
        return doubt is null
            ? new Inheritance(TakeoverVerdict.Adopt, pid)
            : HoldDown(pid, string.Create(CultureInfo.InvariantCulture, $"process {pid} of the record cannot be proved to be its own ({doubt})"));
    }

    /// <summary>The verdict on a process that bears a service's mark though no record that can be trusted tells of it.</summary>
    /// <param name="pid">The process.</param>
    /// <param name="fault">What is the matter with the record.</param>
    public static Inheritance OfUnrecorded(int pid, string fault) =>
        HoldDown(pid, string.Create(CultureInfo.InvariantCulture, $"process {pid} bears its mark, and no record proves it ({fault})"));

    /// <summary>The verdict after a look for the service's listening socket.</summary>
    /// <param name="process">The verdict on its process.</param>
    /// <param name="fault">Why the socket could not be taken back; null when it was, or there is none.</param>
    public static Inheritance WithSocket(Inheritance process, string? fault) => fault is null || process.Verdict != TakeoverVerdict.Adopt
        ? process
        : process with { Verdict = TakeoverVerdict.Replace, Reason = $"its listening socket could not be taken back: {fault}" };

    private static Inheritance HoldDown(int pid, string doubt) =>
        new(TakeoverVerdict.HoldDown, pid, $"held down: {doubt}; if it is, end it, then svc.start");
}
