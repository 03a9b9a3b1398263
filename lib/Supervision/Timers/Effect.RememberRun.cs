namespace Strata.Supervision;

public abstract partial record Effect
{
    /// <summary>Keep on disk when a timer that catches up last ran. What cannot be kept is only not made up for.</summary>
    /// <param name="Name">The timer.</param>
    /// <param name="At">When, by the wall clock.</param>
    public sealed record RememberRun(string Name, DateTimeOffset At) : Effect;
}
