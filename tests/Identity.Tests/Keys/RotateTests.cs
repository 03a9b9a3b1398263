using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class RotateTests
{
    /// <summary>Heartbeats, at which keys go whose time has come, are too far apart to meet a test.</summary>
    private static readonly (string, string) Calm = ("STRATA_STALENESS_MS", "3600000");

    [Fact]
    public async Task New_keys_sign_old_tokens_verify_and_the_old_private_halves_are_gone()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var before = await node.KeysAsync();
        var old = await node.IssueAsync(new("fs"));

        var rotated = await node.RotateAsync();

        Assert.Equal(("rotated", null), (rotated.Status, rotated.Pending));
        Assert.Equal(before.Keys.Select(k => k.Kid), rotated.Keys.Select(k => k.Previous));
        var now = await node.KeysAsync();
        Assert.Equal(rotated.Keys[0].Kid, now.Signing);
        Assert.Equal(["active", "active", "retiring", "retiring"], now.Keys.Select(k => k.State).Order(StringComparer.Ordinal));
        Assert.All(now.Keys, k => Assert.Equal(k.State == "retiring", k.Retires is not null));
        var young = await node.IssueAsync(new("fs"));
        Assert.True((await node.IntrospectAsync(old.Token)).Active);
        Assert.True((await node.IntrospectAsync(young.Token)).Active);
        Assert.Equal(now.Signing, KidOf(young.Token));
        Assert.Equal(before.Signing, KidOf(old.Token));
        Assert.Equal(["key-v2.2", "key-v4.2"], Directory.GetFiles(scratch["state/identity"], "key-v*").Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(now.Keys.Single(k => k.Kid == now.Signing).PublicKey, await File.ReadAllTextAsync(Path.Combine(node.Environment.Settings.RuntimeDir, "identity.pub"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task One_version_alone_may_be_rotated_and_others_are_refused()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_TOKEN_VERSION", "v4"));
        var rotated = await node.RotateAsync("v4");
        Assert.Equal("v4", Assert.Single(rotated.Keys).Version);
        Assert.Equal(rotated.Keys[0].Kid, (await node.KeysAsync()).Signing);
        Assert.Equal(rotated.Keys[0].Kid, KidOf((await node.IssueAsync(new("fs"))).Token));
        Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(node.RotateAsync("v3"))).Code);
    }

    [Fact]
    public async Task No_new_key_signs_before_every_verifier_has_confirmed_it()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        await using var verifier = await TestVerifier.StartAsync(node, "fs");
        var before = await node.KeysAsync();

        var rotation = node.RotateAsync();
        var change = await verifier.NextChangeAsync();

        Assert.Equal(4, change.Keys!.Count);
        Assert.All(change.Keys, key => Assert.True(key.NamedOnly));
        Assert.Equal(before.Signing, (await node.KeysAsync()).Signing);
        Assert.Equal(2, (await node.KeysAsync()).Keys.Count(k => k.State == "next"));
        Assert.Equal(before.Signing, KidOf((await node.IssueAsync(new("fs"))).Token));
        Assert.Equal("rotation_under_way", (await IdentityNode.FailureOf(node.RotateAsync())).Reason);
        Assert.Equal("key_in_use", (await IdentityNode.FailureOf(node.RevokeAsync(new RevokeParams(Key: change.Keys[^1].Kid)))).Reason);
        Assert.False(rotation.IsCompleted);

        await verifier.ConfirmAsync();

        Assert.Null((await rotation).Pending);
        Assert.NotEqual(before.Signing, KidOf((await node.IssueAsync(new("fs"))).Token));
        await using var late = await TestVerifier.StartAsync(node, "late");
        Assert.Equal(4, late.Keys.Count);
    }

    [Fact]
    public async Task A_verifier_that_does_not_confirm_is_waited_for_up_to_the_staleness_bound_and_named()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_STALENESS_MS", "300"));
        await using var silent = await TestVerifier.StartAsync(node, "silent");
        Assert.Equal(["silent"], (await node.RotateAsync()).Pending!);
    }

    [Fact]
    public async Task A_rotation_outlives_a_restart_and_the_retiring_key_verifies_on()
    {
        using var scratch = new Scratch();
        string old, kid;
        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            old = (await node.IssueAsync(new("fs"))).Token;
            kid = (await node.RotateAsync()).Keys[0].Kid;
        }

        await using var again = await IdentityNode.StartAsync(scratch["state"], Calm);
        Assert.Equal(kid, (await again.KeysAsync()).Signing);
        Assert.True((await again.IntrospectAsync(old)).Active);
        Assert.Equal(kid, KidOf((await again.IssueAsync(new("fs"))).Token));
    }

    [Fact]
    public async Task A_key_retires_no_sooner_than_its_last_token_expires_and_no_later_than_that_and_the_skew()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var last = await node.IssueAsync(new("fs", TtlSeconds: 7200));
        _ = await node.IssueAsync(new("fs", TtlSeconds: 60));

        var retires = DateTimeOffset.Parse((await node.RotateAsync("v2")).Keys[0].Retires, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds();

        Assert.InRange(retires, last.Expires + 300, last.Expires + 302);
    }

    [Fact]
    public async Task A_key_that_has_signed_nothing_goes_at_once_and_verifiers_are_told()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_STALENESS_MS", "300"));
        var first = (await node.RotateAsync("v4")).Keys[0];
        await Patience.UntilAsync(async () => (await node.KeysAsync()).Keys.All(key => key.Kid != first.Previous));
        await using var verifier = await TestVerifier.StartAsync(node, "fs");
        Assert.Equal(2, verifier.Keys.Count);
        Assert.Contains(verifier.Keys, key => key.Kid == first.Kid);
    }

    [Fact]
    public async Task Without_authority_and_without_the_right_nobody_rotates()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var holder = await node.IssueAsync(new("identity", Rights: ["identity.rotate"]));
        var other = await node.IssueAsync(new("identity", Rights: ["identity.issue"]));

        Assert.Equal(ErrorCode.PermissionDenied, (await IdentityNode.FailureOf(node.RotateAsync(token: other.Token))).Code);
        Assert.Equal("rotated", (await node.RotateAsync(token: holder.Token)).Status);
    }

    [Fact]
    public async Task What_a_rotated_key_signed_is_revoked_by_its_id_and_what_the_new_one_signs_is_not()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var old = await node.IssueAsync(new("fs"));
        var rotated = (await node.RotateAsync("v2")).Keys[0];
        var young = await node.IssueAsync(new("fs"));

        await node.RevokeAsync(new RevokeParams(Key: rotated.Previous));

        Assert.Equal("revoked", (await node.IntrospectAsync(old.Token)).Reason);
        Assert.True((await node.IntrospectAsync(young.Token)).Active);
        Assert.True((await node.ShowAsync(old.CapId)).Revoked);
    }

    [Fact]
    public async Task A_rotation_that_cannot_be_stored_changes_nothing()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var before = await node.KeysAsync();
        // In the way of the file that the roll is written to first: not even root replaces a directory by a file.
        Directory.CreateDirectory(scratch["state/identity/.keys.new"]);

        Assert.Equal("storage_failed", (await IdentityNode.FailureOf(node.RotateAsync())).Reason);
        Assert.Equal(before.Signing, (await node.KeysAsync()).Signing);
        Assert.Equal(2, (await node.KeysAsync()).Keys.Count);
        Assert.True((await node.IntrospectAsync((await node.IssueAsync(new("fs"))).Token)).Active);

        Directory.Delete(scratch["state/identity/.keys.new"]);
        Assert.Equal("rotated", (await node.RotateAsync()).Status);
    }

    [Fact]
    public async Task A_rotation_that_cannot_be_recorded_changes_nothing()
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["state"], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var disk = SmallDisk.TryMount(scratch["state/audit"], 64 * 1024);
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var before = await node.KeysAsync();
        var issued = await node.IssueAsync(new("fs"));
        await IssueTests.FillAsync(scratch["state/audit/ballast"]);

        RpcError? refused = null;
        for (var round = 0; refused is null; round++)
        {
            // Until the page of the log's end is full as well, there is room for a record.
            Assert.True(round < 40, "the disk never filled");
            refused = (await Record.ExceptionAsync(() => node.RotateAsync("v4")) as RpcException)?.Error;
        }

        Assert.Equal("audit_unavailable", refused.Reason);
        var now = await node.KeysAsync();
        Assert.DoesNotContain(now.Keys, k => k.State == "next");
        Assert.Equal(before.Signing, now.Signing);
        Assert.Equal(2, Directory.GetFiles(scratch["state/identity"], "key-v*").Length);
        Assert.True((await node.IntrospectAsync(issued.Token)).Active);
        await using var late = await TestVerifier.StartAsync(node, "fs");
        Assert.Equal(now.Keys.Select(k => k.Kid), late.Keys.Select(k => k.Kid));
    }

    [Fact]
    public async Task Revocations_and_records_that_name_a_key_as_earlier_versions_did_hold()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        var old = await node.IssueAsync(new("fs"));
        var rotated = (await node.RotateAsync("v2")).Keys[0];
        var retiring = (await node.KeysAsync()).Keys.Single(k => k.Kid == rotated.Previous);

        await node.RevokeAsync(new RevokeParams(Key: KeyId.LegacyOf(TokenVersion.V2, Convert.FromBase64String(retiring.PublicKey))));

        Assert.Equal("revoked", (await node.IntrospectAsync(old.Token)).Reason);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_token_of_an_earlier_version_has_no_footer_and_verifies_on_unless_its_key_was_revoked(bool isRevoked)
    {
        using var scratch = new Scratch();
        await (await IdentityNode.StartAsync(scratch["state"], Calm)).DisposeAsync();
        var seed = Convert.FromHexString((await File.ReadAllTextAsync(scratch["state/identity/key-v2"], TestContext.Current.CancellationToken)).Split(' ')[3]);
        using var key = SigningKey.FromSeed(Ed25519Provider.Create(), TokenVersion.V2, seed);
        Assert.True(IssueValidation.TryValidate(new() { Service = "fs", Actions = ["open"] }, IssueLimits.Default, out var grant, out _));
        var old = TokenIssuer.Issue(grant.ToClaims("identity@test-0", Scratch.Id(7), TimeProvider.System.GetUtcNow()), key, namesKey: false);
        // As such a version left its state: no roll of keys, and rules that name a key by the digits it begins with.
        File.Delete(scratch["state/identity/keys"]);
        if (isRevoked)
        {
            using var directory = IdentityDirectory.Open(scratch["state"]);
            var now = TimeProvider.System.GetUtcNow();
            var (log, live) = RevocationLog.Open(directory, false, now, NullLogger.Instance);
            using var held = log;
            log.Append([], () => live, [new(RevocationScope.Key, KeyId.LegacyOf(key.Version, key.VerificationKey.PublicKey), now, now.AddDays(1))], () => log.LoadedRules);
        }

        await using var node = await IdentityNode.StartAsync(scratch["state"], Calm);
        Assert.Equal(isRevoked ? "revoked" : null, (await node.IntrospectAsync(old)).Reason);
        await node.RotateAsync();
        Assert.Equal(isRevoked ? "revoked" : null, (await node.IntrospectAsync(old)).Reason);
    }

    private static string KidOf(string token)
    {
        Assert.True(PasetoToken.TryParse(Encoding.ASCII.GetBytes(token), out var parsed));
        return JsonDocument.Parse(parsed.Footer).RootElement.GetProperty("kid").GetString()!;
    }
}
