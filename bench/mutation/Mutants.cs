using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Strata.Mutation;

/// <summary>One change.</summary>
/// <param name="Name">Says which it is whatever line it is on: <c>TYPE.MEMBER: BEFORE -> AFTER</c>, and <c>(2)</c> for the second one alike.</param>
internal sealed record Change(int Number, string File, int Line, string Name);

/// <summary>The changes made so far, those that do not compile left out.</summary>
internal sealed class Mutants(IReadOnlySet<int> refused)
{
    private readonly Dictionary<string, int> _alike = new(StringComparer.Ordinal);
    private int _next = 1;

    public List<Change> All { get; } = [];

    /// <summary>The number of a change; null for one that did not compile in an earlier round.</summary>
    public int? Add(SyntaxNode at, string after)
    {
        var number = _next++;
        var name = $"{MemberOf(at)}: {OneLine(at.ToString())} -> {OneLine(after)}";
        var alike = _alike[name] = _alike.GetValueOrDefault(name) + 1;
        if (refused.Contains(number))
        {
            return null;
        }

        var place = at.GetLocation().GetLineSpan();
        All.Add(new Change(number, place.Path, place.StartLinePosition.Line + 1, alike == 1 ? name : $"{name} ({alike})"));
        return number;
    }

    private static string MemberOf(SyntaxNode at)
    {
        var type = at.FirstAncestorOrSelf<BaseTypeDeclarationSyntax>()?.Identifier.ValueText;
        var member = at.AncestorsAndSelf().OfType<MemberDeclarationSyntax>().First() switch
        {
            MethodDeclarationSyntax m => m.Identifier.ValueText,
            PropertyDeclarationSyntax p => p.Identifier.ValueText,
            BaseFieldDeclarationSyntax f => f.Declaration.Variables[0].Identifier.ValueText,
            IndexerDeclarationSyntax => "this[]",
            ConstructorDeclarationSyntax => "new",
            var other => other.Kind().ToString(),
        };
        return $"{type}.{member}";
    }

    private static string OneLine(string text) => string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
}
