using Strata.Policy;

namespace Strata.Identity;

/// <summary>One key of the node.</summary>
/// <param name="Key">Its public half.</param>
/// <param name="Serial">Its number among the keys of its version, which names the file of its private half.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Created">When it was made.</param>
/// <param name="Until">When the last token it signed has expired; null unless it is retiring.</param>
internal sealed record KeyEntry(VerificationKey Key, int Serial, KeyState State, DateTimeOffset Created, DateTimeOffset? Until = null)
{
    internal TokenVersion Version => Key.Version;

    /// <summary>When no verifier takes its tokens any more, however wrong its clock may be; null unless it is retiring.</summary>
    internal DateTimeOffset? Retires => Until + ClockSkew.Max;
}
