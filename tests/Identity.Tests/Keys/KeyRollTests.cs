using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>The life of keys, as a pure function: whatever the order of events, what the node relies on holds.</summary>
public class KeyRollTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static int _made;

    [Fact]
    public void A_key_is_published_then_signs_then_retires_then_is_gone()
    {
        var first = First();
        var old = first.Active(TokenVersion.V2);
        var next = NewKey(TokenVersion.V2);

        var begun = first.Begin(next, Now).Value!;
        Assert.Equal(old, begun.Active(TokenVersion.V2));
        Assert.NotNull(begun.PublicKeys.Find(TokenVersion.V2, System.Text.Encoding.ASCII.GetBytes(next.KeyId)));
        Assert.True(begun.IsSigning(next.KeyId));

        var switched = begun.Switch(_ => Now.AddHours(1));
        Assert.Equal(next.KeyId, switched.Active(TokenVersion.V2).Key.KeyId);
        Assert.False(switched.IsSigning(old.Key.KeyId));
        Assert.Equal(first.Active(TokenVersion.V4), switched.Active(TokenVersion.V4));
        Assert.Equal(Now.AddHours(1) + ClockSkew.Max, switched.NextRetirement);

        Assert.Same(switched, switched.Retire(Now.AddHours(1) + ClockSkew.Max));
        Assert.Equal(2, switched.Retire(Now.AddHours(1) + ClockSkew.Max + TimeSpan.FromTicks(1)).Keys.Length);
    }

    [Fact]
    public void A_rotation_that_was_not_carried_through_leaves_what_was()
    {
        var first = First();
        var begun = first.Begin(NewKey(TokenVersion.V2), Now).Value!.Begin(NewKey(TokenVersion.V4), Now).Value!;

        Assert.Equal(first.Keys, begun.Abandon().Keys);
        Assert.Same(first, first.Abandon());
    }

    [Fact]
    public void There_are_as_many_keys_as_the_limit_and_at_one_more_the_answer_says_when_there_is_room()
    {
        var roll = First();
        for (var i = 1; i < KeyRoll.MaxKeysPerVersion; i++)
        {
            roll = roll.Begin(NewKey(TokenVersion.V4), Now).Value!.Switch(_ => Now.AddMinutes(i));
        }

        Assert.Equal(KeyRoll.MaxKeysPerVersion, roll.Keys.Count(e => e.Version == TokenVersion.V4));
        var refused = roll.Begin(NewKey(TokenVersion.V4), Now).Error!;
        Assert.Equal((ErrorCode.ResourceExhausted, "too_many_keys"), (refused.Code, refused.Reason));
        Assert.Contains("the oldest retires at 2026-01-31T12:06:00Z", refused.Message, StringComparison.Ordinal);
        Assert.Null(roll.Begin(NewKey(TokenVersion.V2), Now).Error);
        Assert.Null(roll.Retire(Now.AddMinutes(6).AddSeconds(1)).Begin(NewKey(TokenVersion.V4), Now).Error);
    }

    [Fact]
    public void The_end_of_a_key_only_comes_nearer_and_only_when_it_retires()
    {
        var old = First().Active(TokenVersion.V2).Key.KeyId;
        var roll = First(old: false).Begin(NewKey(TokenVersion.V2), Now).Value!;
        Assert.Equal(roll.Keys, roll.Tighten(old, Now).Keys);
        var retiring = roll.Switch(_ => Now.AddHours(1));
        var id = retiring.Keys.Single(e => e.State == KeyState.Retiring).Key.KeyId;

        Assert.Equal(Now.AddHours(1), retiring.Tighten(id, Now.AddHours(2)).Keys.Single(e => e.State == KeyState.Retiring).Until);
        Assert.Equal(Now, retiring.Tighten(id, Now).Keys.Single(e => e.State == KeyState.Retiring).Until);
    }

    [Fact]
    public void A_key_is_known_by_the_name_of_earlier_versions()
    {
        var key = First().Active(TokenVersion.V2).Key;
        var roll = KeyRoll.TryOf([new(key, 1, KeyState.Active, Now), new(NewKey(TokenVersion.V4), 1, KeyState.Active, Now)])!;

        Assert.Equal(key.KeyId, roll.Canonical(KeyId.LegacyOf(key.Version, key.PublicKey)));
        Assert.Equal("2000000000000000", roll.Canonical("2000000000000000"));
    }

    [Fact]
    public void Whatever_happens_in_whatever_order_every_token_finds_its_key_and_one_key_a_version_signs()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var (roll, now) = (First(), Now);
            var tokens = new List<(string KeyId, DateTimeOffset Expires)>();
            for (var step = 0; step < 60; step++)
            {
                now = now.AddSeconds(random.Next(600));
                var version = random.Next(2) == 0 ? TokenVersion.V2 : TokenVersion.V4;
                switch (random.Next(6))
                {
                    case 0 when roll.Keys.All(e => e.State != KeyState.Next):
                        roll = roll.Begin(NewKey(version), now).Value ?? roll;
                        break;
                    case 1:
                        roll = roll.Switch(old => tokens.Where(t => t.KeyId == old.Key.KeyId).Select(t => t.Expires).Append(now).Max());
                        break;
                    case 2:
                        roll = roll.Abandon();
                        break;
                    case 3:
                        roll = roll.Retire(now);
                        break;
                    case 4:
                        // A crash: what is read is what was written, and an unfinished rotation is undone.
                        roll = KeyRollFile.Parse(KeyRollFile.Encode(roll))!.Abandon().Retire(now);
                        break;
                    default:
                        tokens.Add((roll.Active(version).Key.KeyId, now.AddSeconds(random.Next(1, 3600))));
                        break;
                }

                Assert.All(Enum.GetValues<TokenVersion>(), v => Assert.Single(roll.Keys, e => e.Version == v && e.State == KeyState.Active));
                Assert.All(tokens.Where(t => t.Expires + ClockSkew.Max >= now), t => Assert.Contains(roll.Keys, e => e.Key.KeyId == t.KeyId));
                Assert.NotNull(KeyRoll.TryOf(roll.Keys));
            }
        }
    }

    [Fact]
    public void The_format_of_the_roll_is_the_documented_one()
    {
        var v2 = new VerificationKey(TokenVersion.V2, Enumerable.Repeat((byte)0x70, 32).ToArray());
        var v4 = new VerificationKey(TokenVersion.V4, Enumerable.Repeat((byte)0x71, 32).ToArray(), isNamedOnly: true);
        var v4New = new VerificationKey(TokenVersion.V4, Enumerable.Repeat((byte)0x72, 32).ToArray(), isNamedOnly: true);
        var roll = KeyRoll.TryOf([new(v2, 1, KeyState.Active, Now), new(v4, 1, KeyState.Retiring, Now, Now.AddHours(1)), new(v4New, 2, KeyState.Active, Now.AddMinutes(1))])!;

        var text = System.Text.Encoding.ASCII.GetString(KeyRollFile.Encode(roll));

        Assert.StartsWith(
            $"strata-keys 1\nv2 1 active 1769860800 - sometimes {new string('7', 0)}{string.Concat(Enumerable.Repeat("70", 32))}\n"
            + $"v4 1 retiring 1769860800 1769864400 always {string.Concat(Enumerable.Repeat("71", 32))}\nv4 2 active 1769860860 - always {string.Concat(Enumerable.Repeat("72", 32))}\nend ",
            text, StringComparison.Ordinal);
        Assert.Equal(roll.Keys.Select(Shown), KeyRollFile.Parse(KeyRollFile.Encode(roll))!.Keys.Select(Shown));
    }

    [Fact]
    public void Any_altered_byte_and_any_cut_of_a_roll_is_damage()
    {
        var file = KeyRollFile.Encode(First().Begin(NewKey(TokenVersion.V2), Now).Value!.Switch(_ => Now.AddHours(1)));
        for (var i = 0; i < file.Length; i++)
        {
            Assert.Null(KeyRollFile.Parse(file.AsSpan(0, i)));
            for (var bit = 0; bit < 8; bit++)
            {
                file[i] ^= (byte)(1 << bit);
                Assert.Null(KeyRollFile.Parse(file));
                file[i] ^= (byte)(1 << bit);
            }
        }
    }

    [Fact]
    public void Keys_that_cannot_be_those_of_a_node_make_no_roll()
    {
        var (v2, v4) = (First().Active(TokenVersion.V2), First().Active(TokenVersion.V4));
        Assert.Null(KeyRoll.TryOf([v2]));
        Assert.Null(KeyRoll.TryOf([v2, v4, v4 with { Serial = 2 }]));
        Assert.Null(KeyRoll.TryOf([v2, v4, new(NewKey(TokenVersion.V2), 2, KeyState.Active, Now)]));
        Assert.Null(KeyRoll.TryOf([v2, v4, new(NewKey(TokenVersion.V2), 1, KeyState.Next, Now)]));
        Assert.Null(KeyRoll.TryOf([v2, v4, new(NewKey(TokenVersion.V2), 2, KeyState.Retiring, Now)]));
        Assert.Null(KeyRoll.TryOf([v2 with { Until = Now }, v4]));
        Assert.Null(KeyRoll.TryOf([v2, new(new(TokenVersion.V4, v2.Key.PublicKey), 1, KeyState.Active, Now)]));
        Assert.NotNull(KeyRoll.TryOf([v2, v4, new(NewKey(TokenVersion.V2), 2, KeyState.Next, Now)]));
    }

    private static (string, int, KeyState, DateTimeOffset, DateTimeOffset?, bool) Shown(KeyEntry e) => (e.Key.KeyId, e.Serial, e.State, e.Created, e.Until, e.Key.IsNamedOnly);

    private static KeyRoll First(bool old = true) => KeyRoll.TryOf(
    [
        new(NewKey(TokenVersion.V2), 1, KeyState.Active, old ? Now : Now.AddSeconds(1)),
        new(NewKey(TokenVersion.V4), 1, KeyState.Active, Now),
    ])!;

    private static VerificationKey NewKey(TokenVersion version)
    {
        // Any 32 bytes serve: nothing is signed here.
        var bytes = new byte[IEd25519.PublicKeyBytes];
        BitConverter.TryWriteBytes(bytes, Interlocked.Increment(ref _made));
        bytes[8] = 7;
        return new VerificationKey(version, bytes, isNamedOnly: true);
    }
}
