namespace Strata.Supervision;

public abstract partial record Effect
{
    /// <summary>A service that is no longer declared has stopped: close its socket and forget it.</summary>
    /// <param name="Name">The service.</param>
    public sealed record Remove(string Name) : Effect;
}
