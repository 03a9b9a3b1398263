using System.Collections.Immutable;

namespace Strata.Build;

/// <summary>A type as the runtime's own list of compiled methods writes it: nested types after <c>+</c>, arguments in brackets, <c>int</c> for System.Int32.</summary>
/// <param name="Definition">The name without arguments, with the counters of the C# compiler as <c>*</c>; of an array's element for an array.</param>
/// <param name="Arguments">The type arguments, those of enclosing types first.</param>
/// <param name="ArrayDepth">How many times it is an array: 2 for <c>int[][]</c>.</param>
internal sealed record TypeName(string Definition, ImmutableArray<TypeName> Arguments, int ArrayDepth);
