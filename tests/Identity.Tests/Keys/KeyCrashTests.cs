using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>A kill between any two writes of a rotation leaves keys that work: one signs, and what was signed verifies.</summary>
public class KeyCrashTests
{
    private static readonly IEd25519 Provider = Ed25519Provider.Create();
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    [Fact]
    public void After_a_kill_at_any_write_of_a_rotation_the_keys_work()
    {
        using var scratch = new Scratch();
        var state = scratch["state"];
        var copies = new List<(string Path, bool IsSwitched)>();
        string[] old, next;
        using (var directory = IdentityDirectory.Open(state))
        {
            NodeMarker.Set(directory, isNewNode: true);
            using var ring = KeyStore.Load(directory, Provider, isNewNode: true, Now, Longest);
            var store = new KeyStore(directory, Provider);
            old = Ids(ring);
            Keep(false);
            store.MarkRotated();
            Keep(false);
            var keys = new List<SigningKey>();
            var roll = ring.Roll;
            foreach (var version in Enum.GetValues<TokenVersion>())
            {
                keys.Add(store.Create(version, roll.NextSerial(version)));
                Keep(false);
                roll = roll.Begin(keys[^1].VerificationKey, Now).Value!;
            }

            store.Save(roll);
            Keep(false);
            roll = roll.Switch(_ => Now + Longest);
            store.Save(roll);
            Keep(true);
            ring.Switch(roll, keys);
            next = Ids(ring);
            foreach (var id in old)
            {
                roll = roll.Tighten(id, Now.AddHours(1));
            }

            store.Save(roll);
            Keep(true);
            store.EraseAllBut(roll);
            Keep(true);
        }

        foreach (var (path, isSwitched) in copies)
        {
            // Twice, for what the first start leaves must do as well.
            for (var start = 0; start < 2; start++)
            {
                using var directory = IdentityDirectory.Open(path);
                using var ring = KeyStore.Load(directory, Provider, NodeMarker.IsNewNode(directory), Now, Longest);
                Assert.Equal(isSwitched ? next : old, Ids(ring));
                Assert.All(isSwitched ? old.Concat(next) : old, id => Assert.Contains(ring.Roll.Keys, e => e.Key.KeyId == id));
                Assert.DoesNotContain(ring.Roll.Keys, e => e.State == KeyState.Next);
                foreach (var version in Enum.GetValues<TokenVersion>())
                {
                    using var use = ring.Begin(version, Now);
                    Assert.Equal(ring.Active(version).KeyId, use.Key.VerificationKey.KeyId);
                }

                Assert.Equal(2, directory.Names().Count(name => name.StartsWith("key-v", StringComparison.Ordinal)));
            }
        }

        void Keep(bool isSwitched)
        {
            var copy = scratch[$"copy{copies.Count}"];
            Scratch.CopyState(state, copy);
            copies.Add((copy, isSwitched));
        }

        static string[] Ids(KeyRing ring) => [ring.Active(TokenVersion.V2).KeyId, ring.Active(TokenVersion.V4).KeyId];
    }

    [Fact]
    public void Keys_of_an_earlier_version_go_on_and_may_have_signed_tokens_without_a_footer()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        KeyStore.Load(directory, Provider, isNewNode: true, Now, Longest).Dispose();
        NodeMarker.Set(directory, isNewNode: true);
        File.Delete(scratch["state/identity/keys"]);

        using var ring = KeyStore.Load(directory, Provider, isNewNode: false, Now, Longest);

        Assert.All(ring.Roll.Keys, e => Assert.False(e.Key.IsNamedOnly));
        Assert.All(ring.Roll.Keys, e => Assert.Equal(KeyState.Active, e.State));
    }

    [Fact]
    public void A_lost_or_damaged_roll_of_rotated_keys_is_an_error_and_never_made_anew()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        KeyStore.Load(directory, Provider, isNewNode: true, Now, Longest).Dispose();
        new KeyStore(directory, Provider).MarkRotated();
        var path = scratch["state/identity/keys"];
        File.WriteAllText(path, "strata-keys 1\n");
        Assert.Contains("keys is damaged", Assert.Throws<SettingsException>(() => KeyStore.Load(directory, Provider, false, Now, Longest)).Message, StringComparison.Ordinal);
        File.Delete(path);
        Assert.Contains("keys is missing", Assert.Throws<SettingsException>(() => KeyStore.Load(directory, Provider, false, Now, Longest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_private_half_that_belongs_to_another_key_is_an_error()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        KeyStore.Load(directory, Provider, isNewNode: true, Now, Longest).Dispose();
        directory.Erase("key-v2");
        new KeyStore(directory, Provider).Create(TokenVersion.V2, 1).Dispose();

        Assert.Contains("another key", Assert.Throws<SettingsException>(() => KeyStore.Load(directory, Provider, false, Now, Longest)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_erased_file_is_gone_and_erasing_it_again_is_harmless()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        directory.Replace("secret", "abc"u8);
        directory.Erase("secret");
        directory.Erase("secret");
        Assert.DoesNotContain("secret", directory.Names());
    }
}
