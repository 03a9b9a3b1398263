namespace Strata.Fuzz.Tests;

public sealed class EnvelopeFuzzTests
{
    [Fact]
    public void Two_readings_of_a_request_agree() => Fuzzing.Holds(new EnvelopeTarget());
}
