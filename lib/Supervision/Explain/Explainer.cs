using System.Collections.Immutable;

namespace Strata.Supervision;

/// <summary>Answers "why?" from the state alone.</summary>
public static class Explainer
{
    /// <summary>Explains one service; null when there is none of that name.</summary>
    /// <param name="node">The node.</param>
    /// <param name="name">The service.</param>
    /// <param name="now">The time of asking; may be later than the state's.</param>
    public static Explanation? Explain(NodeState node, string name, NodeTime now)
    {
        if (!node.Services.TryGetValue(name, out var service))
        {
            return null;
        }

        var next = NextStep.Of(node, service) with { Due = NextStep.DueOf(service, now) };
        var policy = service.Manifest.Quarantine;
        var explanation = new Explanation
        {
            Name = name,
            State = service.State,
            Phase = service.Phase,
            Since = service.Since.Wall,
            For = Later(now.Since(service.Since)),
            Because = service.Because,
            Next = next.Text,
            NextAt = next.Due is { } at ? now.WallAt(at) : null,
            NextIn = next.Due is { } due ? Later(due - now.Monotonic) : null,
            WaitingOn = service.Phase == ServicePhase.AwaitingDependencies ? Dependencies.BlockersOf(node, name) : [],
            LastCrash = service.LastCrash,
            CrashesInWindow = service.RecentCrashes.Count(crash => now.Monotonic - crash < policy.Window),
            QuarantineAt = policy.Crashes,
            Pid = service.Pid,
            Incarnation = service.Incarnation,
            Summary = "",
        };
        return explanation with { Summary = Summarize(explanation, policy, now) };
    }

    private static string Summarize(Explanation e, QuarantinePolicy policy, NodeTime now)
    {
        var sentences = new List<string> { $"{e.Name} is {e.State} for {Words.Duration(e.For)}: {e.Because}." };
        if (e.LastCrash is { } crash)
        {
            sentences.Add($"Last crash {Words.Duration(Later(now.Since(crash.At)))} ago: it {crash.Cause.Text}; "
                + $"{Words.Count(e.CrashesInWindow, "crash")} within {Words.Duration(policy.Window)}, quarantine at {e.QuarantineAt}.");
        }

        sentences.Add($"Next: {e.Next}{(e.NextIn is { } wait ? $" (in {Words.Duration(wait)})" : "")}.");
        return string.Join(' ', sentences);
    }

    private static TimeSpan Later(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;
}
