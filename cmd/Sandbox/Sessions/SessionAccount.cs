namespace Strata.Sandbox;

/// <summary>Whom programs run as inside.</summary>
/// <param name="User">The user's number.</param>
/// <param name="Group">The group's number.</param>
/// <param name="Name">What the image calls the user; its number where it has no name.</param>
/// <param name="Home">Where the user is at home.</param>
internal sealed record SessionAccount(int User, int Group, string Name, string Home)
{
    /// <summary>Of sessions that are root's.</summary>
    internal static SessionAccount Root { get; } = new(0, 0, "root", "/root");

    /// <summary>Of all others, unless their image says otherwise.</summary>
    internal static SessionAccount Usual { get; } = new(1000, 1000, "sandbox", "/home/sandbox");

    /// <summary>That of a session.</summary>
    internal static SessionAccount Of(SessionTerms terms) => terms.Account ?? (terms.IsRoot ? Root : Usual);
}
