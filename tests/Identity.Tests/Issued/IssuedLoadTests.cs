using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>
/// What a large account costs. <c>STRATA_ISSUED_ENTRIES</c> says how large (20 000; at most a million), and with
/// <c>STRATA_ISSUED_STATE</c> the state stays in that directory, for an identity to be started on. Prints figures, asserts none.
/// </summary>
public class IssuedLoadTests
{
    private static readonly int Entries = int.TryParse(Environment.GetEnvironmentVariable("STRATA_ISSUED_ENTRIES"), CultureInfo.InvariantCulture, out var n) ? n : 20_000;

    [Fact]
    public void A_large_account_is_filled_read_again_and_as_quick_as_an_empty_one()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(Environment.GetEnvironmentVariable("STRATA_ISSUED_STATE") ?? scratch["state"]);
        var began = Stopwatch.GetTimestamp();
        double empty, full;
        using (var store = IssuedStore.Open(directory, TimeProvider.System, NullLogger.Instance))
        {
            var tenth = Entries / 10;
            empty = Fill(store, 0, tenth);
            Fill(store, tenth, Entries - tenth);
            full = Fill(store, Entries - tenth, Entries - 10);
        }

        var filled = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        using var again = IssuedStore.Open(directory, TimeProvider.System, NullLogger.Instance);
        var loaded = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        var (page, _) = again.List(new IssuedQuery("subject-7", null, null, null, null, TimeProvider.System.GetUtcNow()), 0);
        var listed = Stopwatch.GetElapsedTime(began);

        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Entries} entries: {empty:0.0} us each at first, {full:0.0} us at last; filled in {filled.TotalSeconds:0.0} s, read in {loaded.TotalSeconds:0.0} s, a list by subject in {listed.TotalMilliseconds:0} ms"));
        Assert.Equal(Entries - 10, again.Count);
        Assert.NotEmpty(page);
    }

    private static double Fill(IssuedStore store, int from, int to)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(TimeProvider.System.GetUtcNow().ToUnixTimeSeconds());
        var began = Stopwatch.GetTimestamp();
        for (var i = from; i < to; i++)
        {
            var claims = new CapabilityClaims
            {
                Issuer = "identity@local-0",
                Audience = "strata",
                CapabilityId = string.Create(CultureInfo.InvariantCulture, $"{(ulong)(i + 1) * 0x9E3779B97F4A7C15:x16}{i + 1:x16}"),
                Subject = string.Create(CultureInfo.InvariantCulture, $"subject-{i % 1000}"),
                IssuedAt = now,
                ExpiresAt = now.AddHours(20),
                Service = "fs",
                Rights = NameList.Of("fs.open", "fs.read", "fs.list"),
                Constraints = CapabilityConstraints.None,
                SignedBy = "2000000000000000",
            };
            Assert.Equal(IssuedOutcome.Stored, store.Add(claims, null));
        }

        return Stopwatch.GetElapsedTime(began).TotalMicroseconds / Math.Max(1, to - from);
    }
}
