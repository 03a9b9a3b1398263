namespace Strata.Fuzz.Tests;

public sealed class ManifestFuzzTests
{
    [Fact]
    public void A_manifest_is_a_service_or_a_list_of_faults_with_words_and_places() => Fuzzing.Holds(new ManifestTarget());
}
