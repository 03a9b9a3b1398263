namespace Strata.Fuzz.Tests;

public sealed class ClaimsFuzzTests
{
    [Fact]
    public void Two_readings_of_claims_agree_and_what_is_read_is_the_same_when_written() => Fuzzing.Holds(new ClaimsTarget());
}
