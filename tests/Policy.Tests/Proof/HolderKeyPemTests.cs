namespace Strata.Policy.Tests;

public sealed class HolderKeyPemTests
{
    // RFC 8410, section 10.3: the example key and its public half.
    private const string Private = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    private const string Public = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n";
    private const string Written = "Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE";

    [Fact]
    public void The_example_of_the_standard_is_read()
    {
        Assert.True(HolderKeyPem.TryReadPrivate(Private, TestKeys.Provider, out var key));
        using (key)
        {
            Assert.Equal(Written, HolderKey.Of(key.PublicKey).Value);
        }
    }

    [Theory]
    [InlineData(Private)]
    [InlineData(Public)]
    [InlineData(Written)]
    [InlineData(" " + Written + "\n")]
    public void The_public_half_is_read_from_whatever_holds_it(string text)
    {
        Assert.True(HolderKeyPem.TryReadPublic(text, TestKeys.Provider, out var key));
        Assert.Equal(Written, key.Value);
    }

    [Fact]
    public void What_is_written_is_read_again()
    {
        using var key = TestKeys.Provider.Generate();
        var text = HolderKeyPem.Write(key);

        Assert.True(HolderKeyPem.TryReadPrivate(text, TestKeys.Provider, out var again));
        using (again)
        {
            Assert.Equal(key.PublicKey, again.PublicKey);
        }
    }

    [Fact]
    public void The_example_of_the_standard_is_written_as_it_stands_there()
    {
        Assert.True(HolderKeyPem.TryReadPrivate(Private, TestKeys.Provider, out var key));
        using (key)
        {
            Assert.Equal(Private, HolderKeyPem.Write(key));
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VuBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN EC PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END EC PRIVATE KEY-----\n")]
    [InlineData(Public)]
    [InlineData(Written)]
    public void What_is_no_private_key_of_this_kind_is_refused(string text)
    {
        Assert.False(HolderKeyPem.TryReadPrivate(text, TestKeys.Provider, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VuAyEAGb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----\n")]
    public void What_is_no_public_key_is_refused(string text)
    {
        Assert.False(HolderKeyPem.TryReadPublic(text, TestKeys.Provider, out _));
    }

    [Fact]
    public void A_text_of_the_longest_length_is_read_and_one_longer_is_not()
    {
        var padded = Private.PadRight(HolderKeyPem.MaxCharacters, '\n');

        Assert.True(HolderKeyPem.TryReadPrivate(padded, TestKeys.Provider, out var key));
        key.Dispose();
        Assert.False(HolderKeyPem.TryReadPrivate(padded + "\n", TestKeys.Provider, out _));
    }
}
