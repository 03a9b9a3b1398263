using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

public sealed class HolderReachTests : IDisposable
{
    private static readonly TimeSpan LongestTtl = TimeSpan.FromHours(1);

    private readonly ManualTime _time = new();
    private readonly Scratch _scratch = new();
    private readonly IdentityDirectory _directory;
    private readonly IssuedStore _issued;
    private readonly RevocationBoard _board;
    private int _numbers = 10;

    public HolderReachTests()
    {
        _directory = IdentityDirectory.Open(_scratch["state"]);
        _issued = IssuedStore.Open(_directory, _time, NullLogger.Instance);
        _board = new RevocationBoard([], [], TimeSpan.FromSeconds(15), _time);
    }

    public void Dispose()
    {
        _issued.Dispose();
        _directory.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task So_many_of_one_root_and_one_more_only_by_ending_the_root_or_later()
    {
        var reach = Reach(maxPerRoot: 2);
        var root = Root();
        Assert.Null(await AskAsync(reach, root, Derive(root)));
        Assert.Null(await AskAsync(reach, root, Derive(root)));
        var third = Derive(root);
        var own = Derive(root);
        Assert.Equal("revocations_full", (await AskAsync(reach, root, third))!.Reason);
        Assert.Equal("revocations_full", (await AskAsync(reach, own, own))!.Reason);
        Assert.Null(await AskAsync(reach, root, root));
        Assert.Equal("right_missing", (await AskAsync(reach, Root(), root))!.Reason);

        _time.Advance(LongestTtl + TimeSpan.FromSeconds(1));
        Assert.Null(await AskAsync(reach, root, third));
    }

    [Fact]
    public async Task What_is_revoked_already_does_not_count()
    {
        var reach = Reach(maxPerRoot: 1);
        var root = Root();
        var child = Derive(root);
        _board.Publish([new RevokedCapability(child.CapabilityId, child.ExpiresAt)]);
        Assert.Null(await AskAsync(reach, root, child));
        Assert.Null(await AskAsync(reach, root, Derive(root)));
    }

    [Fact]
    public async Task Half_of_the_room_is_kept_for_those_who_hold_the_right()
    {
        var reach = Reach(maxInForce: 2);
        var root = Root();
        _board.Publish([new RevokedCapability(Scratch.Id(1), root.ExpiresAt)]);
        Assert.Null(await AskAsync(reach, root, Derive(root)));
        _board.Publish([new RevokedCapability(Scratch.Id(2), root.ExpiresAt)]);
        Assert.Equal("revocations_full", (await AskAsync(reach, root, Derive(root)))!.Reason);
        Assert.Equal("revocations_full", (await AskAsync(reach, root, root))!.Reason);
        Assert.Null(await AskAsync(reach, root with { Service = "identity", Rights = NameList.Of("identity.revoke") }, Derive(root)));
    }

    [Fact]
    public async Task Counts_of_roots_that_are_long_dead_are_forgotten()
    {
        var reach = Reach(maxPerRoot: 1);
        for (var i = 0; i < 1024; i++)
        {
            var root = Root();
            Assert.Null(await AskAsync(reach, root, root));
        }

        Assert.Equal(1024, reach.Counted);
        _time.Advance(LongestTtl + TimeSpan.FromSeconds(1));
        var last = Root();
        Assert.Null(await AskAsync(reach, last, last));
        Assert.Equal(1, reach.Counted);
    }

    private HolderReach Reach(int maxPerRoot = HolderReach.DefaultMaxPerRoot, int maxInForce = HolderReach.DefaultMaxInForce) =>
        new(_issued, _board, LongestTtl, _time, (_, reason, _) => CapabilityAuthorizer.ErrorOf(reason), maxPerRoot, maxInForce);

    private CapabilityClaims Root()
    {
        var root = new CapabilityClaims
        {
            Issuer = "identity@test-0",
            Audience = CapabilityNames.Audience,
            CapabilityId = Scratch.Id(++_numbers),
            IssuedAt = _time.GetUtcNow(),
            ExpiresAt = _time.GetUtcNow() + (3 * LongestTtl),
            Service = "fs",
            Rights = NameList.Of("fs.read"),
        };
        Assert.Equal(IssuedOutcome.Stored, _issued.Add(root, null));
        return root;
    }

    private CapabilityClaims Derive(CapabilityClaims parent)
    {
        var child = Attenuation.Below(parent, parent with { CapabilityId = Scratch.Id(++_numbers) });
        Assert.Equal(IssuedOutcome.Stored, _issued.Add(child, parent));
        return child;
    }

    private async Task<RpcError?> AskAsync(HolderReach reach, CapabilityClaims holder, CapabilityClaims what)
    {
        var method = new UnaryMethod<Contracts.ConfirmParams, StatusResult>(
            "identity.revoke", "For tests.", Access.HolderOrAuthority, Contracts.ContractsJson.Default.ConfirmParams, Contracts.ContractsJson.Default.StatusResult, (_, _) => (Reply<StatusResult>)new StatusResult("ok"));
        var call = new CallContext(method, "r", new Peer(1, 1000, 1000), _time);
        call.Identify(Principal.Holder(holder));
        return await reach.RefuseAsync(new RevokeWish(what.CapabilityId, default, "", null), call);
    }
}
