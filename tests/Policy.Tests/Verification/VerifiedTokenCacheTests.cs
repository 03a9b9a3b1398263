using System.Security.Cryptography;
using System.Text;

namespace Strata.Policy.Tests;

public class VerifiedTokenCacheTests
{
    private static readonly VerifiedToken Verified = new(Samples.Claims, TokenVersion.V2, "0011223344556677");

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 8)]
    [InlineData(8, 8)]
    [InlineData(9, 16)]
    [InlineData(4096, 4096)]
    [InlineData(int.MaxValue, 1 << 20)]
    [InlineData(-1, 0)]
    public void The_capacity_is_whole_sets_and_bounded(int asked, int given) =>
        Assert.Equal(given, new VerifiedTokenCache(asked, 2048).Capacity);

    [Fact]
    public void The_bound_holds_whatever_is_added()
    {
        var cache = new VerifiedTokenCache(64, 2048);
        for (var i = 0; i < 2000; i++)
        {
            var token = TokenOf(i);
            cache.Add(token, Verified);
            Assert.Same(Verified, cache.Find(token));
            Assert.InRange(cache.Count, 1, 64);
        }
    }

    [Fact]
    public void The_token_just_added_is_found_even_when_all_places_are_in_use()
    {
        var cache = new VerifiedTokenCache(VerifiedTokenCache.Ways, 2048);
        for (var i = 0; i < 100; i++)
        {
            cache.Add(TokenOf(i), Verified);
            for (var used = 0; used <= i; used++)
            {
                cache.Find(TokenOf(used));
            }

            Assert.NotNull(cache.Find(TokenOf(i)));
        }
    }

    [Fact]
    public void A_token_in_use_outlives_a_flood_of_tokens_used_once()
    {
        var cache = new VerifiedTokenCache(VerifiedTokenCache.Ways, 2048);
        var busy = TokenOf(-1);
        cache.Add(busy, Verified);
        for (var i = 0; i < 1000; i++)
        {
            Assert.NotNull(cache.Find(busy));
            cache.Add(TokenOf(i), Verified);
        }
    }

    [Fact]
    public void A_token_may_be_as_long_as_the_limit_and_no_longer()
    {
        var cache = new VerifiedTokenCache(64, 300);
        cache.Add(TokenOf(1, 300), Verified);
        cache.Add(TokenOf(2, 301), Verified);
        Assert.NotNull(cache.Find(TokenOf(1, 300)));
        Assert.Null(cache.Find(TokenOf(2, 301)));
    }

    [Fact]
    public void Every_byte_counts()
    {
        var cache = new VerifiedTokenCache(64, 2048);
        var token = TokenOf(1);
        cache.Add(token, Verified);
        for (var i = 0; i < token.Length; i++)
        {
            var other = (byte[])token.Clone();
            other[i] ^= 1;
            Assert.Null(cache.Find(other));
        }

        Assert.Null(cache.Find(token.AsSpan(1)));
        Assert.Null(cache.Find(token.AsSpan(..^1)));
        Assert.Null(cache.Find([.. token, (byte)'A']));
    }

    [Fact]
    public void Short_and_odd_texts_are_simply_not_there()
    {
        var cache = new VerifiedTokenCache(64, 2048);
        for (var length = 0; length < 200; length++)
        {
            var text = new byte[length];
            text.AsSpan().Fill((byte)'.');
            Assert.Null(cache.Find(text));
        }
    }

    [Fact]
    public void Tokens_that_share_a_footer_spread_over_the_sets()
    {
        var cache = new VerifiedTokenCache(1024, 2048);
        var tokens = Enumerable.Range(0, 256).Select(i => (byte[])[.. TokenOf(i), .. ".eyJraWQiOiIwMDExMjIzMzQ0NTU2Njc3In0"u8]).ToList();
        tokens.ForEach(token => cache.Add(token, Verified));
        Assert.InRange(tokens.Count(token => cache.Find(token) is not null), 250, 256);
    }

    /// <summary>Shaped like a token, with a different signature for each number.</summary>
    private static byte[] TokenOf(int number, int length = 400)
    {
        var head = "v2.public." + new string('e', length - 10 - 64);
        var tail = Convert.ToHexStringLower(SHA256.HashData(BitConverter.GetBytes(number)));
        return Encoding.ASCII.GetBytes(head + tail);
    }
}
