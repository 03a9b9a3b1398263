using Strata.Contracts;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class IssueTests
{
    private static readonly IssueParams Holder = new(
        "fs", Rights: ["fs.open", "fs.read", "identity.issue"], PathPrefix: "/srv/data", TtlSeconds: 600, RateLimit: "50rps", Subject: "agent");

    private static readonly IssueParams Narrower = new("fs", Rights: ["fs.read"], PathPrefix: "/srv/data/in", TtlSeconds: 60, RateLimit: "10rps");

    [Fact]
    public async Task An_authority_gets_what_it_asks_for()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var issued = await node.IssueAsync(Holder);

        Assert.StartsWith("v2.public.", issued.Token, StringComparison.Ordinal);
        Assert.Equal(32, issued.CapId.Length);
        Assert.True(CapabilityNames.IsCapabilityId(issued.CapId));
        var seen = await node.IntrospectAsync(issued.Token);
        Assert.True(seen.Active);
        Assert.Equal((issued.CapId, "identity@test-0", "strata", "agent", "fs"), (seen.Jti, seen.Iss, seen.Aud, seen.Sub, seen.Service));
        Assert.Equal(Holder.Rights, seen.Rights);
        Assert.Equal(new CapabilityLimits("/srv/data", "50rps"), seen.Constraints);
        Assert.Equal(issued.Expires, DateTimeOffset.Parse(seen.Exp!, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeSeconds());
        Assert.Contains($"\"cap_id\":\"{issued.CapId}\"", await AuditAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_setting_makes_v4_tokens_and_publishes_that_key_while_both_verify()
    {
        using var scratch = new Scratch();
        string old;
        await using (var node = await IdentityNode.StartAsync(scratch["state"]))
        {
            old = (await node.IssueAsync(Narrower)).Token;
        }

        var v2Key = File.ReadAllText(scratch["state.run/identity.pub"]);
        await using var v4 = await IdentityNode.StartAsync(scratch["state"], ("STRATA_TOKEN_VERSION", "v4"));

        var issued = await v4.IssueAsync(Narrower);

        Assert.StartsWith("v4.public.", issued.Token, StringComparison.Ordinal);
        Assert.NotEqual(v2Key, File.ReadAllText(scratch["state.run/identity.pub"]));
        Assert.True((await v4.IntrospectAsync(issued.Token)).Active);
        Assert.True((await v4.IntrospectAsync(old)).Active);
    }

    [Fact]
    public async Task Every_constraint_that_is_asked_for_is_in_the_capability()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var issued = await node.IssueAsync(Narrower with
        {
            MethodsDenied = ["fs.list"], MaxBytes = 4096, QuotaBytes = 8192, ReadOnly = true, NotBefore = "2026-01-01T01:00:00+01:00", Uid = 1000,
        });

        var seen = (await node.IntrospectAsync(issued.Token)).Constraints!;
        Assert.Equal(["fs.list"], seen.MethodsDenied!);
        Assert.Equal((4096L, 8192L, true, "2026-01-01T00:00:00Z", 1000L), (seen.MaxBytes, seen.QuotaBytes, seen.ReadOnly, seen.NotBefore, seen.Uid));
    }

    [Fact]
    public async Task A_capability_that_begins_after_its_end_is_not_issued()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var error = await IdentityNode.FailureOf(node.IssueAsync(Narrower with { NotBefore = "2999-01-01T00:00:00Z" }));

        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.Contains("\"not_before\" must come before", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("service", "bad service")]
    [InlineData("rights[0]", "Fs.Open")]
    [InlineData("path_prefix", "relative")]
    [InlineData("rate_limit", "50")]
    [InlineData("subject", "two words")]
    [InlineData("ttl_seconds", "86401")]
    public async Task A_malformed_field_is_refused_by_name(string field, string value)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var wanted = field switch
        {
            "service" => Narrower with { Service = value },
            "rights[0]" => Narrower with { Rights = [value] },
            "path_prefix" => Narrower with { PathPrefix = value },
            "rate_limit" => Narrower with { RateLimit = value },
            "subject" => Narrower with { Subject = value },
            _ => Narrower with { TtlSeconds = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture) },
        };

        var error = await IdentityNode.FailureOf(node.IssueAsync(wanted));

        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.Contains(field, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_longest_lifetime_is_configurable_and_inclusive()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"], ("STRATA_MAX_TTL_SECONDS", "100000"));

        await node.IssueAsync(Narrower with { TtlSeconds = 100_000 });
        Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(node.IssueAsync(Narrower with { TtlSeconds = 100_001 }))).Code);
    }

    [Fact]
    public async Task A_holder_may_pass_on_less_than_it_has()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var holder = await node.IssueAsync(Holder);

        var child = await node.IssueAsync(Narrower, holder.Token);

        Assert.Equal(["fs.read"], (await node.IntrospectAsync(child.Token)).Rights);
        Assert.Contains($"\"reason\":\"holder:{holder.CapId}\"", await AuditAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_holder_never_gets_more_than_it_has()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var holder = await node.IssueAsync(Holder);
        (string Field, IssueParams Wanted)[] attacks =
        [
            ("service", Narrower with { Service = "registry" }),
            ("rights[1]", Narrower with { Rights = ["fs.read", "fs.write"] }),
            ("rights[0]", Narrower with { Rights = ["identity.revoke"] }),
            ("actions[0]", Narrower with { Actions = ["list"] }),
            ("path_prefix", Narrower with { PathPrefix = "/srv" }),
            ("path_prefix", Narrower with { PathPrefix = "/srv/database" }),
            ("path_prefix", Narrower with { PathPrefix = "/" }),
            ("ttl_seconds", Narrower with { TtlSeconds = 3600 }),
            ("rate_limit", Narrower with { RateLimit = "51rps" }),
            ("rate_limit", Narrower with { RateLimit = null }),
        ];

        foreach (var (field, wanted) in attacks)
        {
            var error = await IdentityNode.FailureOf(node.IssueAsync(wanted, holder.Token));

            Assert.Equal((ErrorCode.PermissionDenied, "exceeds_authority"), (error.Code, error.Reason));
            Assert.Contains(field + ":", error.Message, StringComparison.Ordinal);
        }

        Assert.Contains("\"reason\":\"exceeds_authority\"", await AuditAsync(node), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_child_cannot_outlive_its_holder_through_a_chain()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var holder = await node.IssueAsync(Holder with { TtlSeconds = 60 });
        var child = await node.IssueAsync(Holder with { TtlSeconds = 50 }, holder.Token);

        var error = await IdentityNode.FailureOf(node.IssueAsync(Holder with { TtlSeconds = 120 }, child.Token));

        Assert.Equal("exceeds_authority", error.Reason);
    }

    [Fact]
    public async Task A_capability_without_the_right_or_revoked_or_forged_issues_nothing()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var plain = await node.IssueAsync(Narrower with { Rights = ["fs.read"] });
        var revoked = await node.IssueAsync(Holder);
        await node.RevokeAsync(revoked.CapId);
        using var foreignKey = SigningKey.Generate(Ed25519Provider.Create(), TokenVersion.V2);
        Assert.True(IssueValidation.TryValidate(new() { Service = "fs", Rights = ["identity.issue"] }, IssueLimits.Default, out var grant, out _));
        var forged = TokenIssuer.Issue(grant.ToClaims("identity@test-0", Scratch.Id(1), TimeProvider.System.GetUtcNow()), foreignKey);
        var altered = revoked.Token[..^4] + (revoked.Token[^4] == 'A' ? 'B' : 'A') + revoked.Token[^3..];

        // This process is an authority, but whoever sends a token is held to it.
        Assert.Equal(ErrorCode.PermissionDenied, (await IdentityNode.FailureOf(node.IssueAsync(Narrower, plain.Token))).Code);
        Assert.Equal("revoked", (await IdentityNode.FailureOf(node.IssueAsync(Narrower, revoked.Token))).Reason);
        foreach (var bad in new[] { forged, altered, "v2.public.AAAA", revoked.Token + "." })
        {
            Assert.Equal(ErrorCode.Unauthenticated, (await IdentityNode.FailureOf(node.IssueAsync(Narrower, bad))).Code);
        }
    }

    [Fact]
    public async Task The_rate_of_the_presented_capability_holds()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var holder = await node.IssueAsync(Holder with { RateLimit = "1rps" });
        var child = Narrower with { RateLimit = "1rps" };
        await node.IssueAsync(child, holder.Token);

        Assert.Equal("rate_limited", (await IdentityNode.FailureOf(node.IssueAsync(child, holder.Token))).Reason);
    }

    [Fact]
    public async Task Capability_ids_do_not_repeat()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var ids = (await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => node.IssueAsync(Narrower)))).Select(i => i.CapId);

        Assert.Equal(200, ids.Distinct().Count());
    }

    [Fact]
    public async Task Nothing_is_issued_while_the_audit_log_is_dead()
    {
        using var scratch = new Scratch();
        using var disk = SmallDisk.TryMount(scratch["disk"], 128 * 1024);
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        await using var node = await IdentityNode.StartAsync(scratch["disk/state"]);
        await FillAsync(scratch["disk/ballast"]);

        // Records queue up before the disk is seen to refuse them; from then on nothing is issued.
        RpcException? refused = null;
        for (var i = 0; i < 5000 && refused is null; i++)
        {
            refused = (RpcException?)await Record.ExceptionAsync(() => node.IssueAsync(Narrower));
        }

        Assert.Equal((ErrorCode.Unavailable, "audit_unavailable"), (refused?.Error.Code, refused?.Error.Reason));
        Assert.Equal("audit_unavailable", (await IdentityNode.FailureOf(node.IssueAsync(Narrower))).Reason);

        File.Delete(scratch["disk/ballast"]);
        await node.IssueAsync(Narrower);
    }

    /// <summary>The audit log so far; a committed record brings along everything noted before it.</summary>
    private static async Task<string> AuditAsync(IdentityNode node)
    {
        await node.Environment.Audit.CommitAsync(new("test.sync", "allowed"));
        using var file = new StreamReader(new FileStream(
            Path.Combine(node.Environment.Settings.AuditDir, "identity.jsonl"), FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await file.ReadToEndAsync();
    }

    internal static async Task FillAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }
}
