using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Strata.Mutation;

/// <summary>One change.</summary>
internal sealed record Change(int Number, string File, int Line, string Before, string After);

/// <summary>The changes made so far, those that do not compile left out.</summary>
internal sealed class Mutants(IReadOnlySet<int> refused)
{
    public List<Change> All { get; } = [];

    /// <summary>The number of a change; null for one that did not compile in an earlier round.</summary>
    public int? Add(SyntaxNode at, string after)
    {
        var number = _next++;
        if (refused.Contains(number))
        {
            return null;
        }

        var place = at.GetLocation().GetLineSpan();
        All.Add(new Change(number, place.Path, place.StartLinePosition.Line + 1, Short(at.ToString()), Short(after)));
        return number;
    }

    private int _next = 1;

    private static string Short(string text)
    {
        var line = string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        return line.Length <= 100 ? line : line[..100] + "...";
    }
}
