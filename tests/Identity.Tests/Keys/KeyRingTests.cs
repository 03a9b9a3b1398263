using System.Collections.Concurrent;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class KeyRingTests
{
    private static readonly IEd25519 Provider = Ed25519Provider.Create();
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Whoever_signs_while_keys_change_has_a_whole_key_and_its_end_covers_every_token_of_it()
    {
        const int Switches = 200;
        var roll = KeyRoll.TryOf([Entry(TokenVersion.V2, out var first), Entry(TokenVersion.V4, out var other)])!;
        using var ring = new KeyRing(roll, first, other, DateTimeOffset.MinValue);
        var (longest, ends) = (new ConcurrentDictionary<string, long>(), new Dictionary<string, DateTimeOffset>());
        using var done = new CancellationTokenSource();
        Task[] signers = [.. Enumerable.Range(0, 4).Select(seed => Task.Run(() => Sign(seed)))];

        for (var i = 0; i < Switches; i++)
        {
            var next = SigningKey.Generate(Provider, TokenVersion.V2);
            roll = roll.Begin(next.VerificationKey, Now).Value!.Switch(_ => Now.AddDays(1));
            foreach (var (keyId, until) in ring.Switch(roll, [next]))
            {
                ends.Add(keyId, until);
                roll = roll.Tighten(keyId, Now.AddDays(-1)).Retire(Now);
            }
        }

        await done.CancelAsync();
        await Task.WhenAll(signers);
        Assert.Equal(Switches, ends.Count);
        Assert.All(longest, signed => Assert.True(!ends.TryGetValue(signed.Key, out var until) || until.UtcTicks >= signed.Value));

        void Sign(int seed)
        {
            var random = new Random(seed);
            while (!done.IsCancellationRequested)
            {
                var expires = Now.AddTicks(random.NextInt64(TimeSpan.TicksPerDay));
                using var use = ring.Begin(TokenVersion.V2, expires);
                var token = TokenIssuer.Issue(Claims, use.Key);
                Assert.NotEmpty(token);
                longest.AddOrUpdate(use.Key.VerificationKey.KeyId, expires.UtcTicks, (_, known) => Math.Max(known, expires.UtcTicks));
            }
        }
    }

    private static CapabilityClaims Claims { get; } = new()
    {
        Issuer = "identity@n", Audience = "strata", CapabilityId = Scratch.Id(1), IssuedAt = Now, ExpiresAt = Now.AddHours(1), Service = "fs", Rights = NameList.Of("fs.list"),
    };

    private static KeyEntry Entry(TokenVersion version, out SigningKey key)
    {
        key = SigningKey.Generate(Provider, version);
        return new KeyEntry(key.VerificationKey, 1, KeyState.Active, Now);
    }
}
