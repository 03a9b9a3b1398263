using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting.Tests.Authorization;

public class LiveStreamsTests
{
    private readonly LiveStreams _streams = new();
    private readonly RevocationSet _revocations = new();

    [Fact]
    public void Streams_of_what_is_revoked_are_taken_once_and_others_stay()
    {
        var mine = NewCall();
        Assert.True(_streams.TryAdd(mine, Tokens.Claims, _revocations));
        Assert.True(_streams.TryAdd(NewCall(), Tokens.Claims with { CapabilityId = Tokens.IdOf(2) }, _revocations));
        Assert.Empty(_streams.TakeRevoked(_revocations));

        _revocations.Add(new RevokedCapability(Tokens.IdOf(1), Tokens.Claims.ExpiresAt));

        Assert.Equal([mine], _streams.TakeRevoked(_revocations));
        Assert.Empty(_streams.TakeRevoked(_revocations));
    }

    [Fact]
    public void A_stream_whose_capability_was_revoked_since_it_was_verified_does_not_begin()
    {
        _revocations.AddRule(new RevocationRule(RevocationScope.Subject, "alice", Tokens.Claims.IssuedAt, Tokens.Claims.ExpiresAt));
        Assert.False(_streams.TryAdd(NewCall(), Tokens.Claims, _revocations));
    }

    private static CallContext NewCall()
    {
        var time = new ManualTime();
        return new CallContext(
            new UnaryMethod<EchoParams, EchoResult>("fs.watch", "For tests.", Access.Open, TestJson.Default.EchoParams, TestJson.Default.EchoResult, (p, _) => (Reply<EchoResult>)new EchoResult(p.Text)),
            "r1", new Peer(1, 1, 1), time);
    }
}
