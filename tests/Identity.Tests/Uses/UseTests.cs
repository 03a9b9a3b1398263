using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

/// <summary>A capability for one call is good for one call, whoever asks, how often, where and when.</summary>
public sealed class UseTests
{
    private static readonly IssueParams Root = new("fs", Rights: ["fs.read", "identity.issue", "identity.list"], PathPrefix: "/srv", TtlSeconds: 600, Subject: "alice", Once: true);

    [Fact]
    public async Task A_use_is_consented_to_once_and_recorded()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);
        Assert.True((await node.IntrospectAsync(root.Token)).Active);

        Assert.Equal(UseResult.Used, (await node.UseAsync(new UseParams(root.CapId, root.Expires, "fs", "fs.read", "alice"))).Status);
        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(node.UseAsync(root)));
        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(node.UseAsync(root, "registry")));

        var seen = await node.IntrospectAsync(root.Token);
        Assert.Equal((false, "already_used", true), (seen.Active, seen.Reason, seen.Constraints?.Once));
        await node.Environment.Audit.CommitAsync(new AuditRecord("test", "allowed"));
        var line = Assert.Single(await File.ReadAllLinesAsync(Path.Combine(node.Environment.Settings.AuditDir, "identity.jsonl")), l => l.Contains("cap.used", StringComparison.Ordinal));
        Assert.Contains(root.CapId, line, StringComparison.Ordinal);
        Assert.Contains("\"method\":\"fs.read\"", line, StringComparison.Ordinal);
        Assert.Contains("\"subject\":\"alice\"", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_64_wishes_on_many_connections_one_is_met()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);
        var clients = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.ConnectAsync()));
        var request = RpcRequest.Of("identity.use", new UseParams(root.CapId, root.Expires, "fs", "fs.read"), ContractsJson.Default.UseParams);

        var answers = await Task.WhenAll(Enumerable.Range(0, 64).Select(i => clients[i % 8].SendAsync(request))).Soon();

        Assert.Single(answers, a => a.Error is null);
        Assert.Equal(63, answers.Count(a => a.Error?.Reason == "already_used"));
        foreach (var client in clients)
        {
            await client.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_use_survives_a_kill_right_after_its_answer()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var (used, unused) = (await node.IssueAsync(Root), await node.IssueAsync(Root));
        await node.UseAsync(used);

        Scratch.CopyState(scratch["state"], scratch["after-kill"]);
        await using var next = await IdentityNode.StartAsync(scratch["after-kill"]);

        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(next.UseAsync(used)));
        Assert.Equal(UseResult.Used, (await next.UseAsync(unused)).Status);
    }

    [Fact]
    public async Task Passing_on_hands_the_one_use_over()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);
        var child = await node.AttenuateAsync(root.Token, new(["fs.read", "identity.issue"]));
        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(node.AttenuateAsync(root.Token)));
        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(node.UseAsync(root)));

        var issued = await node.IssueAsync(new("fs", Rights: ["fs.read"], TtlSeconds: 60, Once: true), child.Token);
        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(node.UseAsync(child)));

        Assert.Equal(UseResult.Used, (await node.UseAsync(issued)).Status);
        Assert.True((await node.IntrospectAsync(issued.Token)).Constraints?.Once);
    }

    [Fact]
    public async Task A_wish_that_is_refused_costs_nothing()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var root = await node.IssueAsync(Root);

        Assert.Equal((ErrorCode.PermissionDenied, "exceeds_authority"), await RefusalOf(node.AttenuateAsync(root.Token, new(["fs.write"]))));
        Assert.Equal((ErrorCode.PermissionDenied, "exceeds_authority"), await RefusalOf(node.AttenuateAsync(root.Token, new(Once: false))));
        Assert.Equal((ErrorCode.PermissionDenied, "exceeds_authority"), await RefusalOf(node.IssueAsync(new("fs", Rights: ["fs.read"], TtlSeconds: 60), root.Token)));
        Assert.Equal((ErrorCode.PermissionDenied, "exceeds_authority"), await RefusalOf(node.RenewAsync(root.Token)));
        Assert.Equal((ErrorCode.InvalidArgument, null), await RefusalOf(node.AttenuateAsync(root.Token, new(PathPrefix: "relative"))));

        Assert.Equal(UseResult.Used, (await node.UseAsync(root)).Status);
    }

    [Fact]
    public async Task Whatever_is_done_with_it_a_capability_for_one_call_makes_one_call()
    {
        var random = new Random(20_260_131);
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        for (var round = 0; round < 20; round++)
        {
            List<IssueResult> held = [await node.IssueAsync(Root)];
            var calls = 0;
            for (var step = 0; step < 12; step++)
            {
                var from = held[random.Next(held.Count)];
                var steps = Enumerable.Range(0, 1 + random.Next(3)).Select(async _ => random.Next(4) switch
                {
                    0 => await Try(node.AttenuateAsync(from.Token)),
                    1 => await Try(node.IssueAsync(new("fs", Rights: ["fs.read", "identity.issue", "identity.list"], TtlSeconds: 60, Once: random.Next(4) > 0), from.Token)),
                    2 => await Try(node.RenewAsync(from.Token, 300)),
                    _ => (object?)await Try(node.UseAsync(from)),
                }).ToArray();
                foreach (var got in await Task.WhenAll(steps).Soon())
                {
                    held.AddRange(got is IssueResult made ? [made] : []);
                    calls += got is UseResult ? 1 : 0;
                }
            }

            foreach (var token in held)
            {
                calls += await Try(node.UseAsync(token)) is null ? 0 : 1;
            }

            Assert.Equal(1, calls);
        }
    }

    [Fact]
    public async Task Identity_itself_counts_too()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var reader = await node.IssueAsync(new("identity", Rights: ["identity.list"], Once: true));

        Assert.Single((await node.ListAsync(token: reader.Token)).Capabilities);
        Assert.Equal((ErrorCode.Unauthenticated, "already_used"), await RefusalOf(node.ListAsync(token: reader.Token)));
    }

    [Theory]
    [InlineData("cap_id", "00", "fs", "fs.read", null)]
    [InlineData("cap_id", "0123456789abcdef", "fs", "fs.read", null)]
    [InlineData("cap_id", "0123456789ABCDEF0123456789ABCDEF", "fs", "fs.read", null)]
    [InlineData("service", "0123456789abcdef0123456789abcdef", "../fs", "fs.read", null)]
    [InlineData("method", "0123456789abcdef0123456789abcdef", "fs", "fs read", null)]
    [InlineData("subject", "0123456789abcdef0123456789abcdef", "fs", "fs.read", "a b")]
    public async Task What_is_malformed_is_refused_by_name(string field, string capId, string service, string method, string? subject)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var error = await IdentityNode.FailureOf(node.UseAsync(new UseParams(capId, TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + 60, service, method, subject)));

        Assert.Equal(ErrorCode.InvalidArgument, error.Code);
        Assert.Contains(error.Details, d => d is { Key: "field" } && d.Value == field);
    }

    [Theory]
    [InlineData(-301, false)]
    [InlineData(-290, true)]
    [InlineData(200_000_000_000, true)]
    public async Task A_use_is_of_a_capability_that_has_not_ended(long seconds, bool isTaken)
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        var use = node.UseAsync(new UseParams(Scratch.Id(1), TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() + seconds, "fs", "fs.read"));
        if (isTaken)
        {
            Assert.Equal(UseResult.Used, (await use).Status);
        }
        else
        {
            Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(use)).Code);
        }
    }

    [Fact]
    public async Task A_capability_bound_to_a_key_is_passed_on_by_that_key_alone()
    {
        using var scratch = new Scratch();
        await using var node = await IdentityNode.StartAsync(scratch["state"]);
        await using var channel = new RpcChannel(node.Environment.Settings.SocketOf("identity"));
        using var key = Ed25519Provider.Create().Generate();
        using var thiefs = Ed25519Provider.Create().Generate();
        var root = await node.IssueAsync(Root with { Once = null, HolderKey = HolderKey.Of(key.PublicKey).Value });
        var wanted = RpcRequest.Of("identity.attenuate", new AttenuateParams(), ContractsJson.Default.AttenuateParams, root.Token);

        Assert.Equal("proof_missing", (await channel.SendAsync(wanted)).Error?.Reason);
        var child = (await channel.SendAsync(wanted with { Signer = new ProofSigner(key, TimeProvider.System).Sign })).Get(ContractsJson.Default.IssueResult);
        Assert.Equal("proof_invalid", (await channel.SendAsync(wanted with { Signer = new ProofSigner(thiefs, TimeProvider.System).Sign })).Error?.Reason);

        Assert.Equal(HolderKey.Of(key.PublicKey).Value, (await node.IntrospectAsync(child.Token)).Constraints?.HolderKey);
        var other = RpcRequest.Of("identity.attenuate", new AttenuateParams(HolderKey: HolderKey.Of(thiefs.PublicKey).Value), ContractsJson.Default.AttenuateParams, root.Token);
        Assert.Equal("exceeds_authority", (await channel.SendAsync(other with { Signer = new ProofSigner(key, TimeProvider.System).Sign })).Error?.Reason);
    }

    [Fact]
    public async Task A_template_may_bind_to_a_key_and_to_one_call()
    {
        using var scratch = new Scratch();
        await using (await IdentityNode.StartAsync(scratch["state"]))
        {
        }

        using var key = Ed25519Provider.Create().Generate();
        var holder = HolderKey.Of(key.PublicKey).Value;
        var path = Path.Combine(scratch["state"], "identity", "templates.json");
        await File.WriteAllTextAsync(path, $$$"""{"ticket":{"service":"fs","rights":["fs.read"],"holder_key":"{{{holder}}}","once":true}}""");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        await using var node = await IdentityNode.StartAsync(scratch["state"]);

        var seen = await node.IntrospectAsync((await node.IssueAsync(new IssueParams(Template: "ticket"))).Token);
        Assert.Equal(new CapabilityLimits(Once: true, HolderKey: holder), seen.Constraints);
        Assert.Equal(ErrorCode.InvalidArgument, (await IdentityNode.FailureOf(node.IssueAsync(new IssueParams(Template: "ticket", Once: false)))).Code);
    }

    private static async Task<T?> Try<T>(Task<T> step)
        where T : class
    {
        try
        {
            return await step;
        }
        catch (RpcException)
        {
            return null;
        }
    }

    private static async Task<(ErrorCode Code, string? Reason)> RefusalOf(Task call)
    {
        var error = await IdentityNode.FailureOf(call.Soon());
        return (error.Code, error.Reason);
    }
}
