namespace Strata.Fuzz.Tests;

/// <summary>Something that must hold did not.</summary>
internal sealed class BrokenInvariantException(string message) : Exception(message)
{
    internal static void Unless(bool holds, string what)
    {
        if (!holds)
        {
            throw new BrokenInvariantException(what);
        }
    }
}
