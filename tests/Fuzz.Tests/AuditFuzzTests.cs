namespace Strata.Fuzz.Tests;

public sealed class AuditFuzzTests
{
    [Fact]
    public void A_log_that_is_not_what_was_sealed_is_never_found_whole() => Fuzzing.Holds(new AuditTarget());
}
