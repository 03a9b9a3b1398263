using System.Collections.Immutable;
using System.Reflection.Metadata;

namespace Strata.Build;

/// <summary>A method that was found, with the type and the arguments to compile it for.</summary>
internal sealed record ResolvedMethod(ResolvedType Owner, MethodDefinitionHandle Handle, ImmutableArray<ResolvedType> Arguments);
