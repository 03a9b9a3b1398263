namespace Strata.Fuzz.Tests;

public sealed class TokenFuzzTests
{
    [Fact]
    public void A_token_has_one_spelling_and_its_signature_covers_all_of_it() => Fuzzing.Holds(new TokenTarget());
}
