namespace Strata.Ipc;

/// <summary>What an authorization point is asked to explain: a call that is not made.</summary>
public readonly ref struct ExplanationQuery
{
    /// <summary>The method that would be called.</summary>
    public required Method Method { get; init; }

    /// <summary>What its params ask for; null when they were not given and the method needs some.</summary>
    public CallNeeds? Needs { get; init; }

    /// <summary>The token that it would carry, UTF-8; empty for none.</summary>
    public ReadOnlySpan<byte> Token { get; init; }

    /// <summary>The user who would call; null for the one who asks.</summary>
    public uint? Uid { get; init; }

    /// <summary>The call that asks, with the token of the one who asks and what goes with it.</summary>
    public required AuthorizationQuery Own { get; init; }
}
