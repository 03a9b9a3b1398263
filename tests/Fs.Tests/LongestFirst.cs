using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(Strata.Fs.Tests.LongestFirst))]

namespace Strata.Fs.Tests;

/// <summary>Begins with the race that lasts 20 s, so that the rest of the suite runs beside it and nothing waits for it at the end.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    /// <inheritdoc/>
    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(c => c.TestCollectionDisplayName.Contains(nameof(DoorRaceTests), StringComparison.Ordinal) ? 0 : 1)];
}
