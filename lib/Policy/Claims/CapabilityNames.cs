using System.Buffers;

namespace Strata.Policy;

/// <summary>The grammars of names. ASCII only: two names that look alike must be alike.</summary>
public static class CapabilityNames
{
    private static readonly SearchValues<char> LowerWord = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-");
    private static readonly SearchValues<char> Printable =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-@:/+");
    private static readonly SearchValues<char> LowerHex = SearchValues.Create("0123456789abcdef");

    /// <summary>The audience every node of ours expects: <c>strata</c>.</summary>
    public const string Audience = "strata";

    /// <summary>The subject of a capability that names nobody: <c>capability</c>.</summary>
    public const string AnonymousSubject = "capability";

    /// <summary>The issuer of a node's tokens: <c>identity@NODE</c>.</summary>
    public static string IssuerOf(string nodeId) => "identity@" + nodeId;

    /// <summary>A service: a lower-case letter, then lower-case letters, digits, <c>_</c>, <c>-</c>; such as <c>fs</c>.</summary>
    public static bool IsService(string? name) => HasNameLength(name) && IsWord(name);

    /// <summary>A right: two or more words joined by dots, such as <c>fs.open</c>.</summary>
    public static bool IsRight(string? name) => HasNameLength(name) && name!.Contains('.', StringComparison.Ordinal) && AreWords(name);

    /// <summary>A legacy action: one or more words joined by dots, such as <c>open</c>; with service <c>fs</c> it means the right <c>fs.open</c>.</summary>
    public static bool IsAction(string? name) => HasNameLength(name) && AreWords(name);

    /// <summary>A subject, issuer, audience or node id: letters, digits and <c>. _ - @ : / +</c>.</summary>
    public static bool IsIdentifier(string? name) => HasNameLength(name) && !name.AsSpan().ContainsAnyExcept(Printable);

    /// <summary>A capability id: 16 to 64 lower-case hex digits.</summary>
    public static bool IsCapabilityId(string? id) =>
        id is { Length: >= ClaimLimits.MinCapabilityIdDigits and <= ClaimLimits.MaxCapabilityIdDigits }
        && !id.AsSpan().ContainsAnyExcept(LowerHex);

    private static bool HasNameLength(string? name) => name is { Length: > 0 and <= ClaimLimits.MaxNameBytes };

    private static bool AreWords(ReadOnlySpan<char> name)
    {
        foreach (var part in name.Split('.'))
        {
            if (!IsWord(name[part]))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsWord(ReadOnlySpan<char> word) =>
        !word.IsEmpty && char.IsAsciiLetterLower(word[0]) && !word.ContainsAnyExcept(LowerWord);
}
