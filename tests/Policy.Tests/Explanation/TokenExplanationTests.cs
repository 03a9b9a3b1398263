using System.Text;

namespace Strata.Policy.Tests;

public class TokenExplanationTests
{
    private static readonly TokenVerifier Verifier = new(TestKeys.Provider, KeySet.Of(TestKeys.V2.VerificationKey), new RevocationSet());

    public static TheoryData<string, AuthorizationCheck, DenyReason> Faults => new()
    {
        { "", AuthorizationCheck.Token, DenyReason.MissingToken },
        { "v2.public.AAAA", AuthorizationCheck.Format, DenyReason.MalformedToken },
        { Text(Samples.Token(key: TestKeys.V4)), AuthorizationCheck.Key, DenyReason.UnknownKey },
        { Forged(), AuthorizationCheck.Signature, DenyReason.BadSignature },
        { PasetoSigner.Sign(TestKeys.V2.Version, TestKeys.V2.PrivateKey, "{\"jti\":1}"u8, default), AuthorizationCheck.Claims, DenyReason.MalformedToken },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public void The_fault_of_a_token_is_at_its_check_and_nothing_is_read_from_it(string token, AuthorizationCheck at, DenyReason reason)
    {
        var full = Explain(token);
        Assert.Equal((at, reason), (full.Failure!.Check, full.Reason));
        Assert.Equal(Verifier.Verify(Encoding.ASCII.GetBytes(token), Samples.Now).Reason, full.Reason);
        Assert.All(full.Checks.Where(c => c.Check > at), c => Assert.Equal(CheckOutcome.NotReached, c.Outcome));
        Assert.All(full.Checks, c => Assert.Null(c.Capability));
    }

    [Fact]
    public void Who_only_holds_a_bad_token_cannot_tell_a_forged_from_an_unknown_one()
    {
        var (forged, unknown) = (Explain(Forged()).ForCaller(), Explain(Text(Samples.Token(key: TestKeys.V4))).ForCaller());
        Assert.Equal(forged.Checks, unknown.Checks);
        Assert.Equal([AuthorizationCheck.Access, AuthorizationCheck.Token, AuthorizationCheck.Verifier, AuthorizationCheck.Lifetime], forged.Checks.Take(4).Select(c => c.Check));
        Assert.Equal((AuthorizationCheck.Token, DenyReason.None), (forged.Failure!.Check, forged.Reason));
        Assert.Equal(DenyReasons.Describe(DenyReason.BadSignature).Message, forged.Failure.Needs);
        Assert.DoesNotContain(forged.Checks, c => c.Check is AuthorizationCheck.Key or AuthorizationCheck.Signature);
    }

    [Fact]
    public void Who_only_holds_a_malformed_token_cannot_tell_whether_it_was_signed()
    {
        var signed = PasetoSigner.Sign(TestKeys.V2.Version, TestKeys.V2.PrivateKey, "{\"jti\":1}"u8, default);
        Assert.Equal(Explain("v2.public.AAAA").ForCaller().Checks, Explain(signed).ForCaller().Checks);
        Assert.Equal(DenyReason.MalformedToken, Explain(signed).ForCaller().Reason);
    }

    [Fact]
    public void A_stale_verifier_is_said_before_anything_of_the_token()
    {
        var explanation = Explainer.Explain(new ExplainedCall { Token = TokenEvidence.Stale, Request = Samples.Request });
        Assert.Equal((AuthorizationCheck.Verifier, DenyReason.VerifierStale), (explanation.Failure!.Check, explanation.Reason));
    }

    [Fact]
    public void What_revoked_a_capability_is_for_those_who_may_know()
    {
        var call = new ExplainedCall
        {
            Token = TokenEvidence.Good(Samples.Claims), Request = Samples.Request with { Revocation = RevocationStatus.Revoked }, RevokedBy = "the subject agent",
        };
        Assert.Equal("revoked by the subject agent", Explainer.Explain(call).Failure!.Request);
        Assert.Null(Explainer.Explain(call).ForCaller().Failure!.Request);
        Assert.Equal(DenyReason.Revoked, Explainer.Explain(call).ForCaller().Reason);
    }

    private static Explanation Explain(string token) => Explainer.Explain(new ExplainedCall
    {
        Token = TokenEvidence.Of(Verifier.Verify(Encoding.ASCII.GetBytes(token), Samples.Now)), Request = Samples.Request,
    });

    private static string Text(byte[] token) => Encoding.ASCII.GetString(token);

    private static string Forged()
    {
        var token = Text(Samples.Token());
        return token[..20] + (token[20] == 'A' ? 'B' : 'A') + token[21..];
    }
}
