namespace Strata.Policy.Tests;

public class PeerAccessTests
{
    [Theory]
    [InlineData(true, true, false, true, DenyReason.None, true)]
    [InlineData(false, true, false, true, DenyReason.None, true)]
    [InlineData(true, true, true, true, DenyReason.None, false)]
    [InlineData(true, true, true, false, DenyReason.None, false)]
    [InlineData(true, false, true, false, DenyReason.None, false)]
    [InlineData(true, true, false, false, DenyReason.MissingToken, false)]
    [InlineData(true, false, false, true, DenyReason.MissingToken, false)]
    [InlineData(true, false, false, false, DenyReason.MissingToken, false)]
    [InlineData(false, true, false, false, DenyReason.PeerNotAuthorized, false)]
    [InlineData(false, true, true, true, DenyReason.PeerNotAuthorized, false)]
    [InlineData(false, true, true, false, DenyReason.PeerNotAuthorized, false)]
    [InlineData(false, false, false, true, DenyReason.PeerNotAuthorized, false)]
    public void An_authority_needs_no_token_where_the_method_says_so_and_whoever_sends_one_is_held_to_it(
        bool takesToken, bool takesAuthority, bool hasToken, bool isAuthority, DenyReason reason, bool byCredentials)
    {
        Assert.Equal(reason, PeerAccess.Check(takesToken, takesAuthority, hasToken, isAuthority, out var allowed));
        Assert.Equal(byCredentials, allowed);
    }
}
