namespace Strata.Fuzz.Tests;

public sealed class AuditRecordFuzzTests
{
    [Fact]
    public void A_record_is_one_line_of_a_terminal_and_one_row_of_a_table() => Fuzzing.Holds(new AuditRecordTarget());
}
