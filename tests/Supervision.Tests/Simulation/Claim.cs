namespace Strata.Supervision.Tests.Simulation;

/// <summary>An invariant; cheaper than an assertion library in a loop of millions.</summary>
internal static class Claim
{
    internal static void That(bool holds, string what)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(what);
        }
    }
}
