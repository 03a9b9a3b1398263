namespace Strata.Fuzz.Tests;

public sealed class PathFuzzTests
{
    [Fact]
    public void What_is_resolved_lies_beneath_its_prefix_by_a_plain_reading() => Fuzzing.Holds(new PathTarget());
}
