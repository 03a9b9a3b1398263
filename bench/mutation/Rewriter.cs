using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using static Microsoft.CodeAnalysis.CSharp.SyntaxFactory;

namespace Strata.Mutation;

/// <summary>
/// Puts every change into the source at once, each behind a switch: <c>a &lt; b</c> becomes <c>(Mutant.Is(7) ? a &lt;= b : a &lt; b)</c>.
/// What is changed holds the original of what lies within, since only one change is ever in force.
/// </summary>
internal sealed class Rewriter(SemanticModel model, Mutants mutants) : CSharpSyntaxRewriter
{
    private static readonly Dictionary<SyntaxKind, SyntaxKind[]> Operators = new()
    {
        [SyntaxKind.LessThanExpression] = [SyntaxKind.LessThanOrEqualExpression, SyntaxKind.GreaterThanOrEqualExpression],
        [SyntaxKind.LessThanOrEqualExpression] = [SyntaxKind.LessThanExpression, SyntaxKind.GreaterThanExpression],
        [SyntaxKind.GreaterThanExpression] = [SyntaxKind.GreaterThanOrEqualExpression, SyntaxKind.LessThanOrEqualExpression],
        [SyntaxKind.GreaterThanOrEqualExpression] = [SyntaxKind.GreaterThanExpression, SyntaxKind.LessThanExpression],
        [SyntaxKind.EqualsExpression] = [SyntaxKind.NotEqualsExpression],
        [SyntaxKind.NotEqualsExpression] = [SyntaxKind.EqualsExpression],
        [SyntaxKind.LogicalAndExpression] = [SyntaxKind.LogicalOrExpression],
        [SyntaxKind.LogicalOrExpression] = [SyntaxKind.LogicalAndExpression],
        [SyntaxKind.AddExpression] = [SyntaxKind.SubtractExpression],
        [SyntaxKind.SubtractExpression] = [SyntaxKind.AddExpression],
        [SyntaxKind.MultiplyExpression] = [SyntaxKind.DivideExpression],
        [SyntaxKind.DivideExpression] = [SyntaxKind.MultiplyExpression],
    };

    private static readonly Dictionary<string, string> Queries = new()
    {
        ["Any"] = "All", ["All"] = "Any", ["First"] = "Last", ["Last"] = "First", ["FirstOrDefault"] = "LastOrDefault", ["LastOrDefault"] = "FirstOrDefault",
        ["Min"] = "Max", ["Max"] = "Min", ["MinBy"] = "MaxBy", ["MaxBy"] = "MinBy", ["OrderBy"] = "OrderByDescending", ["OrderByDescending"] = "OrderBy",
        ["ThenBy"] = "ThenByDescending", ["Take"] = "Skip", ["Skip"] = "Take", ["TakeWhile"] = "SkipWhile", ["SkipWhile"] = "TakeWhile", ["Append"] = "Prepend",
        ["Prepend"] = "Append", ["Union"] = "Intersect", ["Intersect"] = "Union", ["Concat"] = "Except", ["Except"] = "Concat",
    };

    public override SyntaxNode? VisitBinaryExpression(BinaryExpressionSyntax node)
    {
        var visited = (ExpressionSyntax)base.VisitBinaryExpression(node)!;
        if (node.IsKind(SyntaxKind.CoalesceExpression))
        {
            return Or(node, visited, node.Right);
        }

        if (!Operators.TryGetValue(node.Kind(), out var others) || (node.Kind() is SyntaxKind.AddExpression && model.GetTypeInfo(node).Type?.SpecialType == SpecialType.System_String))
        {
            return visited;
        }

        return others.Aggregate(visited, (result, kind) => Or(node, result, BinaryExpression(kind, Spaced(node.Left), Spaced(node.Right))));
    }

    public override SyntaxNode? VisitPrefixUnaryExpression(PrefixUnaryExpressionSyntax node)
    {
        var visited = (ExpressionSyntax)base.VisitPrefixUnaryExpression(node)!;
        return node.IsKind(SyntaxKind.LogicalNotExpression) ? Or(node, visited, node.Operand) : visited;
    }

    public override SyntaxNode? VisitIsPatternExpression(IsPatternExpressionSyntax node)
    {
        var visited = Or(node, (ExpressionSyntax)base.VisitIsPatternExpression(node)!, Not(node));
        return node.Pattern.DescendantNodesAndSelf().OfType<RelationalPatternSyntax>().Aggregate(
            visited, (result, bound) => Or(node, result, node.WithPattern(node.Pattern.ReplaceNode(bound, Moved(bound)))));
    }

    public override SyntaxNode? VisitLiteralExpression(LiteralExpressionSyntax node)
    {
        ExpressionSyntax? other = node.Kind() switch
        {
            SyntaxKind.TrueLiteralExpression => LiteralExpression(SyntaxKind.FalseLiteralExpression),
            SyntaxKind.FalseLiteralExpression => LiteralExpression(SyntaxKind.TrueLiteralExpression),
            SyntaxKind.NumericLiteralExpression when node.Token.Value is int number => LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(number + 1)),
            SyntaxKind.StringLiteralExpression => LiteralExpression(SyntaxKind.StringLiteralExpression, Literal(node.Token.ValueText.Length == 0 ? "mutant" : "")),
            SyntaxKind.Utf8StringLiteralExpression => ParseExpression(node.Token.ValueText.Length == 0 ? "\"mutant\"u8" : "\"\"u8"),
            _ => null,
        };
        return other is null ? node : Or(node, node, other);
    }

    public override SyntaxNode? VisitInterpolatedStringExpression(InterpolatedStringExpressionSyntax node) =>
        Or(node, (ExpressionSyntax)base.VisitInterpolatedStringExpression(node)!, LiteralExpression(SyntaxKind.StringLiteralExpression, Literal("")));

    public override SyntaxNode? VisitInvocationExpression(InvocationExpressionSyntax node)
    {
        if (node.Expression is IdentifierNameSyntax { Identifier.ValueText: "nameof" })
        {
            return node;
        }

        var visited = (ExpressionSyntax)base.VisitInvocationExpression(node)!;
        if (node.Expression is not MemberAccessExpressionSyntax member)
        {
            return IsCondition(node) ? Or(node, visited, Not(node)) : visited;
        }

        var name = member.Name.Identifier.ValueText;
        if (name == "Create" && member.Expression.ToString() == "string")
        {
            return Or(node, visited, LiteralExpression(SyntaxKind.StringLiteralExpression, Literal("")));
        }

        if (name == "Any" && node.ArgumentList.Arguments.Count == 0)
        {
            return Or(node, visited, Not(node));
        }

        return Queries.TryGetValue(name, out var other)
            ? Or(node, visited, node.WithExpression(member.WithName(IdentifierName(other))))
            : IsCondition(node) ? Or(node, visited, Not(node)) : visited;
    }

    public override SyntaxNode? VisitMemberAccessExpression(MemberAccessExpressionSyntax node)
    {
        var visited = (ExpressionSyntax)base.VisitMemberAccessExpression(node)!;
        return IsCondition(node) ? Or(node, visited, Not(node)) : visited;
    }

    public override SyntaxNode? VisitIdentifierName(IdentifierNameSyntax node) => IsCondition(node) ? Or(node, node, Not(node)) : node;

    public override SyntaxNode? VisitExpressionStatement(ExpressionStatementSyntax node)
    {
        var visited = (ExpressionStatementSyntax)base.VisitExpressionStatement(node)!;
        var removable = node.Expression switch
        {
            InvocationExpressionSyntax or PostfixUnaryExpressionSyntax or PrefixUnaryExpressionSyntax => true,
            AssignmentExpressionSyntax { Left: MemberAccessExpressionSyntax or ElementAccessExpressionSyntax } => true,
            AssignmentExpressionSyntax a => !a.IsKind(SyntaxKind.SimpleAssignmentExpression) || model.GetSymbolInfo(a.Left).Symbol is IFieldSymbol or IPropertySymbol,
            _ => false,
        };
        if (!removable || Declares(node) || mutants.Add(node, ";") is not { } number)
        {
            return visited;
        }

        // Fields must be assigned in constructors of structs; what the compiler refuses is taken back.
        return Block(IfStatement(PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, Switch(number)), visited));
    }

    public override SyntaxNode? VisitAttributeList(AttributeListSyntax node) => node;

    public override SyntaxNode? VisitEnumDeclaration(EnumDeclarationSyntax node) => node;

    public override SyntaxNode? VisitParameterList(ParameterListSyntax node) => node;

    public override SyntaxNode? VisitConstantPattern(ConstantPatternSyntax node) => node;

    public override SyntaxNode? VisitRelationalPattern(RelationalPatternSyntax node) => node;

    public override SyntaxNode? VisitCaseSwitchLabel(CaseSwitchLabelSyntax node) => node;

    public override SyntaxNode? VisitFieldDeclaration(FieldDeclarationSyntax node) => node.Modifiers.Any(SyntaxKind.ConstKeyword) ? node : base.VisitFieldDeclaration(node);

    public override SyntaxNode? VisitLocalDeclarationStatement(LocalDeclarationStatementSyntax node) => node.IsConst ? node : base.VisitLocalDeclarationStatement(node);

    /// <summary>What decides where the program goes, or is answered by a predicate.</summary>
    private bool IsCondition(ExpressionSyntax node) => model.GetTypeInfo(node).Type?.SpecialType == SpecialType.System_Boolean && node.Parent switch
    {
        IfStatementSyntax a => a.Condition == node,
        WhileStatementSyntax a => a.Condition == node,
        ConditionalExpressionSyntax a => a.Condition == node,
        WhenClauseSyntax or ReturnStatementSyntax or ArrowExpressionClauseSyntax => true,
        LambdaExpressionSyntax a => a.Body == node,
        BinaryExpressionSyntax a => a.Kind() is SyntaxKind.LogicalAndExpression or SyntaxKind.LogicalOrExpression,
        _ => false,
    };

    private ExpressionSyntax Or(ExpressionSyntax original, ExpressionSyntax visited, ExpressionSyntax changed)
    {
        // A variable that is declared inside cannot be declared twice.
        if (Declares(original) || mutants.Add(original, changed.ToString()) is not { } number)
        {
            return visited;
        }

        return ParenthesizedExpression(ConditionalExpression(
            Switch(number), ParenthesizedExpression(Spaced(changed)), ParenthesizedExpression(Spaced(visited)))).WithTriviaFrom(original);
    }

    private static RelationalPatternSyntax Moved(RelationalPatternSyntax bound) => bound.WithOperatorToken(Token(bound.OperatorToken.Kind() switch
    {
        SyntaxKind.LessThanToken => SyntaxKind.LessThanEqualsToken,
        SyntaxKind.LessThanEqualsToken => SyntaxKind.LessThanToken,
        SyntaxKind.GreaterThanToken => SyntaxKind.GreaterThanEqualsToken,
        _ => SyntaxKind.GreaterThanToken,
    }).WithTriviaFrom(bound.OperatorToken));

    private static bool Declares(SyntaxNode node) => node.DescendantNodes().Any(n => n is SingleVariableDesignationSyntax or DeclarationExpressionSyntax);

    private static PrefixUnaryExpressionSyntax Not(ExpressionSyntax node) => PrefixUnaryExpression(SyntaxKind.LogicalNotExpression, ParenthesizedExpression(node.WithoutTrivia()));

    private static ExpressionSyntax Spaced(ExpressionSyntax node) => node.WithLeadingTrivia(Space).WithTrailingTrivia(Space);

    private static InvocationExpressionSyntax Switch(int number) => InvocationExpression(
        ParseExpression(" global::Strata.Mutation.Mutant.Is"),
        ArgumentList(SingletonSeparatedList(Argument(LiteralExpression(SyntaxKind.NumericLiteralExpression, Literal(number)))))).WithTrailingTrivia(Space);
}
