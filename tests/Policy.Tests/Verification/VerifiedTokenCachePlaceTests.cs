using System.Text;

namespace Strata.Policy.Tests;

/// <summary>Where tokens are remembered: spread by all of their signature's end, and given up in the order of their use.</summary>
public class VerifiedTokenCachePlaceTests
{
    private const int SmallestToken = 96;
    private static readonly VerifiedToken Verified = new(Samples.Claims, TokenVersion.V2, "0011223344556677");

    [Fact]
    public void A_cache_without_room_remembers_nothing()
    {
        var cache = new VerifiedTokenCache(0, 2048);
        cache.Add(TokenOf(1), Verified);
        Assert.Null(cache.Find(TokenOf(1)));
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void What_is_shorter_than_any_token_is_not_remembered()
    {
        var cache = new VerifiedTokenCache(64, 2048);
        cache.Add(TokenOf(1, SmallestToken), Verified);
        cache.Add(TokenOf(2, SmallestToken - 1), Verified);
        Assert.NotNull(cache.Find(TokenOf(1, SmallestToken)));
        Assert.Null(cache.Find(TokenOf(2, SmallestToken - 1)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(SmallestToken - 1)]
    public void A_longest_token_that_no_token_keeps_within_remembers_none(int longest)
    {
        var cache = new VerifiedTokenCache(64, longest);
        cache.Add(TokenOf(1, SmallestToken), Verified);
        Assert.Equal(0, cache.Count);
    }

    [Fact]
    public void As_many_tokens_as_there_are_places_use_most_of_them()
    {
        var cache = new VerifiedTokenCache(1024, 2048);
        var tokens = Enumerable.Range(0, 1024).Select(i => TokenOf(i)).ToList();
        tokens.ForEach(token => cache.Add(token, Verified));
        Assert.InRange(tokens.Count(token => cache.Find(token) is not null), 750, 1024);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(24)]
    public void Each_part_of_the_signatures_end_chooses_the_place(int fromEnd)
    {
        var cache = new VerifiedTokenCache(1024, 2048);
        var tokens = Enumerable.Range(0, 200).Select(i => With(TokenOf(0), fromEnd, TokenOf(i))).ToList();
        tokens.ForEach(token => cache.Add(token, Verified));
        Assert.InRange(tokens.Count(token => cache.Find(token) is not null), 5 * VerifiedTokenCache.Ways, 200);
    }

    [Theory]
    [InlineData(SmallestToken)]
    [InlineData(400)]
    public void A_footer_that_all_tokens_share_does_not_choose_the_place(int length)
    {
        var cache = new VerifiedTokenCache(1024, 2048);
        var footer = "." + new string('f', 80);
        var tokens = Enumerable.Range(0, 200).Select(i => (byte[])[.. TokenOf(i, length), .. Encoding.ASCII.GetBytes(footer)]).ToList();
        tokens.ForEach(token => cache.Add(token, Verified));
        Assert.InRange(tokens.Count(token => cache.Find(token) is not null), 190, 200);
    }

    [Fact]
    public void When_all_are_in_use_the_one_that_came_first_goes()
    {
        var cache = Filled();
        cache.Add(TokenOf(8), Verified);
        Assert.Equal([false, true, true, true, true, true, true, true, true], Enumerable.Range(0, 9).Select(i => cache.Find(TokenOf(i)) is not null));
    }

    [Fact]
    public void A_token_not_used_since_the_hand_last_passed_goes_before_one_that_was()
    {
        var cache = Filled();
        cache.Add(TokenOf(8), Verified);
        _ = cache.Find(TokenOf(3));
        cache.Add(TokenOf(9), Verified);
        cache.Add(TokenOf(10), Verified);
        cache.Add(TokenOf(11), Verified);
        Assert.Equal([false, false, true, false, true], Enumerable.Range(1, 5).Select(i => cache.Find(TokenOf(i)) is not null));
    }

    /// <summary>One set, full of tokens that were used.</summary>
    private static VerifiedTokenCache Filled()
    {
        var cache = new VerifiedTokenCache(VerifiedTokenCache.Ways, 2048);
        for (var i = 0; i < VerifiedTokenCache.Ways; i++)
        {
            cache.Add(TokenOf(i), Verified);
            _ = cache.Find(TokenOf(i));
        }

        return cache;
    }

    /// <summary>Shaped like a token, with a different signature for each number.</summary>
    private static byte[] TokenOf(int number, int length = 400)
    {
        var tail = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(number)));
        return Encoding.ASCII.GetBytes("v2.public." + new string('e', length - 10 - tail.Length) + tail);
    }

    /// <summary>A token with eight characters of another one.</summary>
    private static byte[] With(byte[] token, int fromEnd, byte[] other)
    {
        var at = token.Length - fromEnd - 8;
        other.AsSpan(at, 8).CopyTo(token.AsSpan(at));
        return token;
    }
}
