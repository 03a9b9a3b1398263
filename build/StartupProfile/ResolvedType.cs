using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Strata.Build;

/// <summary>A type whose definition was found.</summary>
/// <param name="Reader">The assembly that defines it; null for <c>System.__Canon</c>, the stand-in for every reference type.</param>
/// <param name="Handle">The definition, of an array's element for an array.</param>
/// <param name="Arguments">The type arguments, those of enclosing types first.</param>
/// <param name="ArrayDepth">How many times it is an array.</param>
internal sealed record ResolvedType(MetadataReader? Reader, TypeDefinitionHandle Handle, ImmutableArray<ResolvedType> Arguments, int ArrayDepth);
