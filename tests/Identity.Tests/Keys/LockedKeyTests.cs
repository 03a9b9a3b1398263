using Strata.Hosting;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>Private keys at rest, plain and locked, and every way to get the passphrase wrong.</summary>
public sealed class LockedKeyTests : IDisposable
{
    private static readonly IEd25519 Provider = Ed25519Provider.Create();

    private readonly Scratch _scratch = new();

    public LockedKeyTests()
    {
        Write("first", "the first passphrase\n");
        Write("second", "the second passphrase");
    }

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public void Without_a_passphrase_keys_are_plain_and_with_one_they_are_locked_in_place_and_stay_the_same()
    {
        var ids = Start();
        Assert.All(KeyFiles(), text => Assert.DoesNotContain(".secret-pw.", text, StringComparison.Ordinal));
        Assert.Equal(ids, Start("first"));
        Assert.Equal(3, KeyFiles().Count);
        Assert.All(KeyFiles(), text => Assert.Matches("^strata-(audit-)?key 1 (v[24] )?k[24]\\.secret-pw\\.[A-Za-z0-9_-]{203}\n$", text));
        Assert.Equal(ids, Start("first"));
    }

    [Fact]
    public void What_was_plain_is_wiped_where_it_lay()
    {
        Start();
        var path = _scratch["state/identity/key-v2"];
        using var old = File.OpenRead(path);
        Start("first");
        var left = new byte[512];
        var count = old.Read(left);
        Assert.True(count > 0);
        Assert.All(left.AsSpan(0, count).ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public void A_new_node_with_a_passphrase_never_writes_a_plain_key()
    {
        var ids = Start("first");
        Assert.All(KeyFiles(), text => Assert.Contains(".secret-pw.", text, StringComparison.Ordinal));
        Assert.Equal(ids, Start("first"));
    }

    [Fact]
    public void A_missing_or_wrong_passphrase_stops_the_start_and_says_what_to_do_and_nothing_is_changed()
    {
        var ids = Start("first");
        var before = KeyFiles();

        Assert.Contains(
            "is locked with a passphrase and none was given: name a file that holds it in STRATA_IDENTITY_PASSPHRASE_FILE, or give it as the credential strata.identity-passphrase",
            Assert.Throws<SettingsException>(() => Start()).Message, StringComparison.Ordinal);
        var wrong = Assert.Throws<SettingsException>(() => Start("second")).Message;
        Assert.Contains("key-v2 does not open with the passphrase in " + _scratch["second"], wrong, StringComparison.Ordinal);
        Assert.Contains("STRATA_IDENTITY_OLD_PASSPHRASE_FILE", wrong, StringComparison.Ordinal);

        Assert.Equal(before, KeyFiles());
        Assert.Equal(ids, Start("first"));
    }

    [Fact]
    public void The_passphrase_is_changed_by_giving_the_old_one_once_also_when_a_crash_left_some_files_with_each()
    {
        var ids = Start("first");
        var first = File.ReadAllText(_scratch["state/identity/key-v4"]);
        Assert.Equal(ids, Start("second", "first"));
        Assert.Equal(ids, Start("second"));

        Restore("key-v4", first);
        Assert.Throws<SettingsException>(() => Start("second"));
        Assert.Equal(ids, Start("second", "first"));
        Assert.Equal(ids, Start("second"));
    }

    [Fact]
    public void Any_altered_character_of_a_locked_key_stops_the_start()
    {
        Start("first");
        var path = _scratch["state/identity/key-v2"];
        var good = File.ReadAllText(path);
        foreach (var at in new[] { 0, 14, 16, 60, 120, good.Length - 2, good.Length - 1 })
        {
            Restore("key-v2", good[..at] + (good[at] == 'A' ? 'B' : 'A') + good[(at + 1)..]);
            Assert.Contains("damaged", Assert.Throws<SettingsException>(() => Start("first")).Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("short", "seven c", 0x180, "has 7 bytes")]
    [InlineData("empty", "\n", 0x180, "has 0 bytes")]
    [InlineData("open", "a good passphrase", 0x1A4, "has mode 644")]
    [InlineData("writable", "a good passphrase", 0x190, "has mode 620")]
    [InlineData("missing", null, 0, "cannot be read")]
    public void A_passphrase_file_that_cannot_be_used_is_named_and_says_why(string name, string? content, int mode, string reason)
    {
        if (content is not null)
        {
            Write(name, content, mode);
        }

        var message = Assert.Throws<SettingsException>(() => Start(name)).Message;
        Assert.Contains(_scratch[name], message, StringComparison.Ordinal);
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_passphrase_comes_from_a_credential_when_no_variable_names_a_file()
    {
        Directory.CreateDirectory(_scratch["credentials"]);
        Write("credentials/strata.identity-passphrase", "a credential of systemd");
        var directory = _scratch["credentials"];
        Assert.Equal(_scratch["credentials/strata.identity-passphrase"], PassphraseFile.Find(name => name == "CREDENTIALS_DIRECTORY" ? directory : null));
        Assert.Equal("/elsewhere", PassphraseFile.Find(name => name == "CREDENTIALS_DIRECTORY" ? directory : name == PassphraseFile.Variable ? "/elsewhere" : null));
        Assert.Null(PassphraseFile.Find(name => name == "CREDENTIALS_DIRECTORY" ? "/nowhere" : null));
        Assert.Contains("no new passphrase", Assert.Throws<SettingsException>(() => Passphrases.From(name => name == PassphraseFile.PreviousVariable ? "/x" : null)).Message, StringComparison.Ordinal);
        Assert.Contains("absolute", Assert.Throws<SettingsException>(() => Passphrases.From(name => name == PassphraseFile.Variable ? "x" : null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_made_by_a_rotation_is_locked_too()
    {
        Start("first");
        using var directory = IdentityDirectory.Open(_scratch["state"]);
        using var passphrases = Passphrases.From(Variables("first", null))!;
        using var ring = KeyStore.Load(directory, Provider, false, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1), passphrases);
        passphrases.Settle();
        using var made = new KeyStore(directory, Provider, passphrases).Create(TokenVersion.V4, 2);
        Assert.StartsWith("strata-key 1 v4 k4.secret-pw.", File.ReadAllText(_scratch["state/identity/key-v4.2"]), StringComparison.Ordinal);
    }

    /// <summary>Loads what a start loads, and gives the ids of the keys.</summary>
    private string[] Start(string? passphrase = null, string? before = null)
    {
        using var directory = IdentityDirectory.Open(_scratch["state"]);
        using var passphrases = Passphrases.From(Variables(passphrase, before));
        var isNewNode = NodeMarker.IsNewNode(directory);
        using var ring = KeyStore.Load(directory, Provider, isNewNode, TimeProvider.System.GetUtcNow(), TimeSpan.FromDays(1), passphrases);
        using var audit = AuditKey.Load(directory, Provider, SealRegister.Open(directory), passphrases);
        NodeMarker.Set(directory, isNewNode);
        return [ring.Active(TokenVersion.V2).KeyId, ring.Active(TokenVersion.V4).KeyId, Convert.ToHexStringLower(audit.PublicKey)];
    }

    private Func<string, string?> Variables(string? passphrase, string? before) => name =>
        name == PassphraseFile.Variable && passphrase is not null ? _scratch[passphrase]
        : name == PassphraseFile.PreviousVariable && before is not null ? _scratch[before]
        : null;

    private List<string> KeyFiles() => [.. Directory.GetFiles(_scratch["state/identity"], "key-*").Order(StringComparer.Ordinal).Select(File.ReadAllText)];

    private void Restore(string name, string content) => File.WriteAllText(_scratch["state/identity/" + name], content);

    private void Write(string name, string content, int mode = 0x180)
    {
        File.WriteAllText(_scratch[name], content);
        File.SetUnixFileMode(_scratch[name], (UnixFileMode)mode);
    }
}
