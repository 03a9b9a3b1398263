using System.Collections.Immutable;

namespace Strata.Build;

/// <summary>A line of the list: all methods of that name and number of type arguments, whatever their parameters.</summary>
internal sealed record MethodEntry(string Line, TypeName Type, string Name, ImmutableArray<TypeName> Arguments);
