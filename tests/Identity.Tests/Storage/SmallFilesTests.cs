using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class SmallFilesTests
{
    [Fact]
    public void The_longest_lifetime_is_remembered_when_it_is_lowered()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);

        Assert.Equal(86_400, TtlBound.Raise(directory, 86_400));
        Assert.Equal(86_400, TtlBound.Raise(directory, 60));
        Assert.Equal(90_000, TtlBound.Raise(directory, 90_000));
        Assert.Equal(90_000, TtlBound.Raise(directory, 60));
    }

    [Theory]
    [InlineData("")]
    [InlineData("0\n")]
    [InlineData("-1\n")]
    [InlineData("31536001\n")]
    [InlineData("abc\n")]
    public void A_damaged_lifetime_is_refused(string content)
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        directory.Replace(TtlBound.FileName, System.Text.Encoding.ASCII.GetBytes(content));

        Assert.Throws<SettingsException>(() => TtlBound.Raise(directory, 60));
    }

    [Fact]
    public void The_register_is_written_only_when_it_changes()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        VerifierName[] two = [new("fs", 0), new("évil\nname", 1000)];
        var (register, known) = VerifierRegister.Open(directory);
        Assert.Empty(known);
        register.Save(() => two);
        var path = scratch["state/identity/verifiers"];
        var written = File.ReadAllBytes(path);
        File.Delete(path);

        register.Save(() => two.Reverse());
        Assert.False(File.Exists(path));

        register.Save(() => [two[0]]);
        Assert.NotEqual(written, File.ReadAllBytes(path));
        directory.Replace(VerifierRegister.FileName, written);
        Assert.Equal(two.Order(Comparer<VerifierName>.Create((a, b) => a.Uid.CompareTo(b.Uid))), VerifierRegister.Open(directory).Known);
    }

    [Theory]
    [InlineData("fs\n")]
    [InlineData("0 zz\n")]
    [InlineData("-1 6673\n")]
    public void A_damaged_register_is_refused(string content)
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        directory.Replace(VerifierRegister.FileName, System.Text.Encoding.ASCII.GetBytes(content));

        Assert.Contains("damaged", Assert.Throws<SettingsException>(() => VerifierRegister.Open(directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layout_of_a_newer_version_is_refused()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        Assert.True(NodeMarker.IsNewNode(directory));
        NodeMarker.Set(directory, isNewNode: true);
        Assert.False(NodeMarker.IsNewNode(directory));

        directory.Replace(NodeMarker.FileName, "strata-identity 3\n"u8);
        Assert.Throws<SettingsException>(() => NodeMarker.IsNewNode(directory));
    }

    [Fact]
    public void The_public_key_file_is_base64_without_a_newline_and_readable_by_all()
    {
        using var scratch = new Scratch();
        using var key = SigningKey.Generate(Ed25519Provider.Create(), TokenVersion.V2);
        PublicKeyFile.Publish(scratch["run"], key.VerificationKey);
        PublicKeyFile.Publish(scratch["run"], key.VerificationKey);

        Assert.Equal(Convert.ToBase64String(key.VerificationKey.PublicKey), File.ReadAllText(scratch["run/identity.pub"]));
        Assert.Equal((UnixFileMode)0x1A4, File.GetUnixFileMode(scratch["run/identity.pub"]));
    }

    [Theory]
    [InlineData("STRATA_TOKEN_VERSION", "v3")]
    [InlineData("STRATA_MAX_TTL_SECONDS", "0")]
    [InlineData("STRATA_MAX_TTL_SECONDS", "31536001")]
    [InlineData("STRATA_REVOKE_WAIT_MS", "0")]
    [InlineData("STRATA_REVOKE_WAIT_MS", "60001")]
    [InlineData("STRATA_STALENESS_MS", "99")]
    public void Unusable_settings_are_refused_by_name(string name, string value)
    {
        var e = Assert.Throws<SettingsException>(() => IdentityOptions.From(v => v == name ? value : null));

        Assert.Contains(name, e.Message, StringComparison.Ordinal);
    }
}
