namespace Strata.Ipc;

/// <summary>Who may call a method, decided before its handler runs.</summary>
public enum AccessKind
{
    /// <summary>Anybody who can connect; the method discloses and changes nothing protected.</summary>
    Open,

    /// <summary>Holders of a capability with <see cref="Access.RightName"/>.</summary>
    Right,

    /// <summary>Holders of the right, or a peer whose credentials make it an authority of this node.</summary>
    RightOrAuthority,

    /// <summary>Only a peer whose credentials make it an authority of this node.</summary>
    Authority,

    /// <summary>Holders of any capability of this node, whatever its service and rights: the method works on the capability itself.</summary>
    Holder,

    /// <summary>Those, or a peer whose credentials make it an authority of this node.</summary>
    HolderOrAuthority,
}

/// <summary>The access rule of one method.</summary>
/// <param name="Kind">The rule.</param>
/// <param name="RightName">The right it needs, e.g. <c>fs.read</c>; null for the rules without one.</param>
public sealed record Access(AccessKind Kind, string? RightName)
{
    /// <summary>Whether a capability can open the method.</summary>
    public bool TakesToken => Kind is not (AccessKind.Open or AccessKind.Authority);

    /// <summary>Whether an authority of the node may call it without one.</summary>
    public bool TakesAuthority => Kind is AccessKind.RightOrAuthority or AccessKind.HolderOrAuthority or AccessKind.Authority;

    /// <summary>Anybody who can connect.</summary>
    public static Access Open { get; } = new(AccessKind.Open, null);

    /// <summary>Only an authority of this node, by peer credentials.</summary>
    public static Access Authority { get; } = new(AccessKind.Authority, null);

    /// <summary>Holders of any capability of this node.</summary>
    public static Access Holder { get; } = new(AccessKind.Holder, null);

    /// <summary>Holders of any capability of this node, or an authority.</summary>
    public static Access HolderOrAuthority { get; } = new(AccessKind.HolderOrAuthority, null);

    /// <summary>Holders of the right.</summary>
    public static Access Right(string right) => new(AccessKind.Right, right);

    /// <summary>Holders of the right, or an authority of this node.</summary>
    public static Access RightOrAuthority(string right) => new(AccessKind.RightOrAuthority, right);
}
