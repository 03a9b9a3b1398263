using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class SealTests
{
    private static readonly string Hash = new('a', AuditHead.HashDigits);
    private static readonly string Other = new('b', AuditHead.HashDigits);

    [Fact]
    public async Task A_seal_is_the_audit_keys_and_what_it_covers_is_remembered_over_a_restart()
    {
        using var scratch = new Scratch();
        SealsResult first;
        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            var signature = await SealAsync(node, new SealParams("fs", 7, Hash, Other));
            first = await SealsAsync(node);
            var line = new AuditLine(8, Hash, "", IsSeal: true, Convert.FromHexString(signature.Signature), Other);
            Assert.True(AuditSeal.Verify(Ed25519Provider.Create(), Convert.FromHexString(first.PublicKey), "test-0", "fs", line));
            Assert.False(AuditSeal.Verify(Ed25519Provider.Create(), Convert.FromHexString(first.PublicKey), "test-0", "registry", line));
            Assert.Equal("test-0", first.Node);
            Assert.Equal(("fs", 7, Hash), Shown(Assert.Single(first.Logs, l => l.Service == "fs")));
        }

        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            var again = await SealsAsync(node);
            Assert.Equal(first.PublicKey, again.PublicKey);
            Assert.Equal(("fs", 7, Hash), Shown(Assert.Single(again.Logs, l => l.Service == "fs")));
        }
    }

    [Fact]
    public async Task Identity_seals_its_own_log_when_it_stops()
    {
        using var scratch = new Scratch();
        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            await node.IssueAsync(new IssueParams("fs", Rights: ["fs.read"], PathPrefix: "/srv"));
        }

        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            Assert.Equal(1, Assert.Single((await SealsAsync(node)).Logs, l => l.Service == "identity").Seq);
        }
    }

    [Fact]
    public async Task The_same_end_may_be_sealed_again_and_a_shorter_or_another_log_may_not()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var signature = await SealAsync(node, new SealParams("fs", 7, Hash, Other));
        Assert.Equal(signature, await SealAsync(node, new SealParams("fs", 7, Hash, Other)));
        foreach (var worse in new[] { new SealParams("fs", 6, Hash, Other), new SealParams("fs", 7, Other, Other), new SealParams("fs", 1, Other, Hash) })
        {
            var refused = await IdentityNode.FailureOf(SealAsync(node, worse));
            Assert.Equal((ErrorCode.Conflict, SealReasons.Behind), (refused.Code, refused.Reason));
            Assert.Contains("record 7 of fs's audit log was sealed", refused.Message, StringComparison.Ordinal);
        }

        await SealAsync(node, new SealParams("fs", 8, Other, Hash));
        Assert.Equal(("fs", 8, Other), Shown(Assert.Single((await SealsAsync(node)).Logs, l => l.Service == "fs")));
    }

    [Theory]
    [InlineData("FS!", null, null, "service")]
    [InlineData("fs", "AA", null, "hash")]
    [InlineData("fs", "A", null, "hash")]
    [InlineData("fs", null, "g", "digest")]
    public async Task What_is_no_name_or_hash_is_refused_by_field(string service, string? hash, string? digest, string field)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var refused = await IdentityNode.FailureOf(SealAsync(node, new SealParams(
            service, 1, hash is { Length: 1 } ? new string(hash[0], 64) : hash ?? Hash, digest is { Length: 1 } ? new string(digest[0], 64) : digest ?? Hash)));
        Assert.Equal(ErrorCode.InvalidArgument, refused.Code);
        Assert.Contains($"\"{field}\"", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void So_many_logs_are_remembered_and_no_more()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        var register = SealRegister.Open(directory);
        using var key = AuditKey.Load(directory, Ed25519Provider.Create(), register);
        var sealer = new AuditSealer(key, register, "n", TimeProvider.System);
        for (var i = 0; i < SealRegister.MaxLogs; i++)
        {
            Assert.Null(sealer.Seal(new SealParams($"s{i}", 1, Hash, Other)).Error);
        }

        Assert.Equal("too_many_logs", sealer.Seal(new SealParams("one-more", 1, Hash, Other)).Error!.Reason);
        Assert.Null(sealer.Seal(new SealParams("s0", 2, Hash, Other)).Error);
        Assert.Equal(SealRegister.MaxLogs, SealRegister.Open(directory).Logs.Count);
    }

    [Theory]
    [InlineData("fs\n")]
    [InlineData("fs x 00 2030-01-01T00:00:00Z\n")]
    [InlineData("fs 1 00 2030-01-01T00:00:00Z\n")]
    public void A_damaged_register_is_refused(string content)
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        directory.Replace(SealRegister.FileName, System.Text.Encoding.ASCII.GetBytes(content));
        Assert.Contains("audit-seals is damaged", Assert.Throws<SettingsException>(() => SealRegister.Open(directory)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_key_that_has_sealed_something_is_not_made_anew()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        var register = SealRegister.Open(directory);
        AuditKey.Load(directory, Ed25519Provider.Create(), register).Dispose();
        register.Remember(new SealedLog("fs", 1, Hash, "2030-01-01T00:00:00Z"));
        File.Delete(scratch["state/identity/" + AuditKey.FileName]);
        Assert.Contains("missing though audit logs were sealed", Assert.Throws<SettingsException>(() => AuditKey.Load(directory, Ed25519Provider.Create(), register)).Message, StringComparison.Ordinal);
    }

    private static (string, long, string) Shown(SealedLog log) => (log.Service, log.Seq, log.Hash);

    private static async Task<SealResult> SealAsync(IdentityNode node, SealParams wanted)
    {
        await using var client = await node.ConnectAsync();
        return await client.CallAsync("identity.seal", wanted, ContractsJson.Default.SealParams, ContractsJson.Default.SealResult);
    }

    private static async Task<SealsResult> SealsAsync(IdentityNode node)
    {
        await using var client = await node.ConnectAsync();
        return await client.CallAsync("identity.seals", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.SealsResult);
    }
}
