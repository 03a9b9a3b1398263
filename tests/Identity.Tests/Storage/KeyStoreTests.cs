using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class KeyStoreTests
{
    private static readonly IEd25519 Provider = Ed25519Provider.Create();

    private static KeyRing Load(IdentityDirectory directory, bool isNewNode) =>
        KeyStore.Load(directory, Provider, isNewNode, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1));

    [Fact]
    public void Keys_are_made_once_and_differ_by_version()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        using var made = Load(directory, isNewNode: true);
        using var loaded = Load(directory, isNewNode: false);

        Assert.Equal(made.Active(TokenVersion.V2).PublicKey, loaded.Active(TokenVersion.V2).PublicKey);
        Assert.Equal(made.Active(TokenVersion.V4).PublicKey, loaded.Active(TokenVersion.V4).PublicKey);
        Assert.False(made.Active(TokenVersion.V2).PublicKey.SequenceEqual(made.Active(TokenVersion.V4).PublicKey));
        Assert.All(loaded.Roll.Keys, key => Assert.True(key.Key.IsNamedOnly));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(scratch["state/identity/key-v2"]));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(scratch["state/identity"]));
    }

    [Fact]
    public void A_crash_between_the_two_keys_of_a_new_node_keeps_the_first()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        byte[] first;
        using (var made = Load(directory, isNewNode: true))
        {
            first = made.Active(TokenVersion.V2).PublicKey.ToArray();
        }

        File.Delete(scratch["state/identity/key-v4"]);
        File.Delete(scratch["state/identity/keys"]);
        using var again = Load(directory, isNewNode: true);

        Assert.Equal(first, again.Active(TokenVersion.V2).PublicKey);
    }

    [Fact]
    public void A_lost_key_is_an_error_and_never_replaced()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Load(directory, isNewNode: true).Dispose();
        File.Delete(scratch["state/identity/key-v4"]);

        var e = Assert.Throws<SettingsException>(() => Load(directory, isNewNode: false));

        Assert.Contains("key-v4 is missing", e.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(scratch["state/identity/key-v4"]));
    }

    [Fact]
    public void A_key_file_with_any_altered_byte_is_refused_and_left_as_it_is()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Load(directory, isNewNode: true).Dispose();
        var path = scratch["state/identity/key-v2"];
        var good = File.ReadAllBytes(path);
        for (var i = 0; i < good.Length; i++)
        {
            var damaged = (byte[])good.Clone();
            damaged[i] ^= 1;
            File.WriteAllBytes(path, damaged);

            var e = Assert.Throws<SettingsException>(() => Load(directory, isNewNode: true));

            Assert.Contains("key-v2 is damaged", e.Message, StringComparison.Ordinal);
            Assert.Equal(damaged, File.ReadAllBytes(path));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(145)]
    [InlineData(147)]
    [InlineData(100_000)]
    public void A_key_file_of_another_length_is_refused(int length)
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Load(directory, isNewNode: true).Dispose();
        var path = scratch["state/identity/key-v2"];
        var content = File.ReadAllBytes(path);
        Array.Resize(ref content, length);
        File.WriteAllBytes(path, content);

        Assert.Contains("damaged", Assert.Throws<SettingsException>(() => Load(directory, isNewNode: true)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_file_that_others_can_read_is_refused()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Load(directory, isNewNode: true).Dispose();
        File.SetUnixFileMode(scratch["state/identity/key-v2"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);

        Assert.Contains("has mode 640", Assert.Throws<SettingsException>(() => Load(directory, isNewNode: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_in_place_of_a_key_is_refused()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Load(directory, isNewNode: true).Dispose();
        File.Move(scratch["state/identity/key-v2"], scratch["elsewhere"]);
        File.CreateSymbolicLink(scratch["state/identity/key-v2"], scratch["elsewhere"]);

        Assert.Contains("not a regular file", Assert.Throws<SettingsException>(() => Load(directory, isNewNode: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_foreign_owned_key_is_refused()
    {
        Assert.SkipUnless(Strata.Linux.UserId.Effective == 0, "giving a file away needs root");
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Load(directory, isNewNode: true).Dispose();
        Assert.Equal(0, Native.ChangeOwner(scratch["state/identity/key-v2"], 65534));

        Assert.Contains("belongs to uid 65534", Assert.Throws<SettingsException>(() => Load(directory, isNewNode: false)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_state_dir_that_others_may_write_is_refused()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["state"]);
        File.SetUnixFileMode(scratch["state"], (UnixFileMode)0x1FF);

        Assert.Contains("chmod", Assert.Throws<Strata.Linux.UnsafeDirectoryException>(() => IdentityDirectory.Open(scratch["state"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Only_one_identity_may_have_a_state_dir()
    {
        using var scratch = new Scratch();
        using (IdentityDirectory.Open(scratch["state"]))
        {
            var e = Assert.Throws<SettingsException>(() => IdentityDirectory.Open(scratch["state"]));
            Assert.Contains($"(pid {Environment.ProcessId})", e.Message, StringComparison.Ordinal);
        }

        IdentityDirectory.Open(scratch["state"]).Dispose();
    }

    [Fact]
    public void A_directory_that_was_given_up_is_not_written()
    {
        using var scratch = new Scratch();
        var directory = IdentityDirectory.Open(scratch["state"]);
        directory.Dispose();

        Assert.Equal(Strata.Linux.Errno.EBADF, Assert.Throws<Strata.Linux.LinuxException>(() => directory.Replace("late", [1])).Errno);
    }
}
