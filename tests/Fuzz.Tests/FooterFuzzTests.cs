namespace Strata.Fuzz.Tests;

public sealed class FooterFuzzTests
{
    [Fact]
    public void Only_a_footer_as_it_is_written_names_a_key() => Fuzzing.Holds(new FooterTarget());
}
