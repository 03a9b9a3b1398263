namespace Strata.Policy;

/// <summary>What a peer's credentials decide before any token is looked at.</summary>
public static class PeerAccess
{
    /// <summary>Whether the credentials deny; <see cref="DenyReason.None"/> when they allow, or leave it to the token.</summary>
    /// <param name="takesToken">Whether the method can be called by a capability.</param>
    /// <param name="takesAuthority">Whether an authority of the node may call it without one.</param>
    /// <param name="hasToken">Whether a token was sent: it then decides alone, for whoever sends one asks to be held to it.</param>
    /// <param name="isAuthority">Whether the peer is an authority of the node.</param>
    /// <param name="byCredentials">Whether the credentials alone allow it.</param>
    public static DenyReason Check(bool takesToken, bool takesAuthority, bool hasToken, bool isAuthority, out bool byCredentials)
    {
        byCredentials = takesAuthority && !hasToken && isAuthority;
        return byCredentials ? DenyReason.None
            : !takesToken ? DenyReason.PeerNotAuthorized
            : hasToken ? DenyReason.None
            : DenyReason.MissingToken;
    }
}
