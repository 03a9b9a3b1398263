using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting.Tests.Authorization;

public class LiveCallsTests
{
    private readonly LiveCalls _calls = new();
    private readonly RevocationSet _revocations = new();

    [Fact]
    public void Calls_of_what_is_revoked_are_taken_once_and_others_stay()
    {
        var mine = NewCall();
        Assert.True(_calls.Add(mine, Tokens.Claims, _revocations));
        Assert.True(_calls.Add(NewCall(), Tokens.Claims with { CapabilityId = Tokens.IdOf(2) }, _revocations));
        Assert.Empty(_calls.TakeRevoked(_revocations));

        _revocations.Add(new RevokedCapability(Tokens.IdOf(1), Tokens.Claims.ExpiresAt));

        Assert.Equal([mine], _calls.TakeRevoked(_revocations));
        Assert.Empty(_calls.TakeRevoked(_revocations));
    }

    [Fact]
    public void A_call_whose_capability_was_revoked_since_it_was_verified_waits_to_be_taken()
    {
        _revocations.AddRule(new RevocationRule(RevocationScope.Subject, "alice", Tokens.Claims.IssuedAt, Tokens.Claims.ExpiresAt));
        var call = NewCall();
        Assert.False(_calls.Add(call, Tokens.Claims, _revocations));
        Assert.Equal([call], _calls.TakeRevoked(_revocations));
    }

    private static CallContext NewCall()
    {
        var time = new ManualTime();
        return new CallContext(
            new UnaryMethod<EchoParams, EchoResult>("fs.watch", "For tests.", Access.Open, TestJson.Default.EchoParams, TestJson.Default.EchoResult, (p, _) => (Reply<EchoResult>)new EchoResult(p.Text)),
            "r1", new Peer(1, 1, 1), time);
    }
}
