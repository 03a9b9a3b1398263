namespace Strata.Policy.Tests;

/// <summary>Lists of names and chains are values: claims are compared by what they say.</summary>
public class ValueEqualityTests
{
    private static readonly Ancestor Root = new(Samples.CapIdOf(1), "alice");
    private static readonly Ancestor Parent = new(Samples.CapIdOf(2));

    [Fact]
    public void Lists_of_the_same_names_are_equal_and_others_are_not()
    {
        AssertValue(NameList.Of("a", "b"), NameList.Of("a", "b"), [NameList.Of("a"), NameList.Of("b", "a"), NameList.Of("a", "B"), NameList.Empty]);
        Assert.False(NameList.Empty.Equals(null));
        Assert.Equal("a, b", NameList.Of("a", "b").ToString());
    }

    [Fact]
    public void Chains_of_the_same_capabilities_are_equal_and_others_are_not()
    {
        AssertValue(CapabilityChain.Of(Root, Parent), CapabilityChain.Of(Root, Parent), [CapabilityChain.Of(Root), CapabilityChain.Of(Parent, Root), CapabilityChain.Empty]);
        Assert.False(CapabilityChain.Empty.Equals(null));
        Assert.Equal($"{Root.CapabilityId} > {Parent.CapabilityId}", CapabilityChain.Of(Root, Parent).ToString());
    }

    [Fact]
    public void A_chain_that_is_none_is_refused_with_what_one_is() => Assert.StartsWith(
        "A chain has at most 8 capabilities, each once.", Assert.Throws<ArgumentException>(() => CapabilityChain.Of(Root, Root)).Message, StringComparison.Ordinal);

    // Different values may share a hash, but those here do not.
    private static void AssertValue<T>(T value, T same, T[] others)
        where T : class, IEquatable<T>
    {
        Assert.True(value.Equals(same) && value.Equals((object)same) && value.GetHashCode() == same.GetHashCode());
        Assert.All(others, other => Assert.False(value.Equals(other) || value.Equals((object)other) || value.GetHashCode() == other.GetHashCode()));
        Assert.False(value.Equals((object)"a, b"));
    }
}
