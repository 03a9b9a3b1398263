using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Strata.Build;

/// <summary>The assemblies that are compiled together, by the names of what they define.</summary>
internal sealed class AssemblySet : IDisposable
{
    /// <summary>The runtime's name for any reference type in code that such types share.</summary>
    internal const string AnyReference = "System.__Canon";

    private static readonly Dictionary<string, string> Keywords = new(StringComparer.Ordinal)
    {
        ["bool"] = "System.Boolean",
        ["byte"] = "System.Byte",
        ["char"] = "System.Char",
        ["double"] = "System.Double",
        ["float"] = "System.Single",
        ["int"] = "System.Int32",
        ["long"] = "System.Int64",
        ["nint"] = "System.IntPtr",
        ["nuint"] = "System.UIntPtr",
        ["sbyte"] = "System.SByte",
        ["short"] = "System.Int16",
        ["uint"] = "System.UInt32",
        ["ulong"] = "System.UInt64",
        ["ushort"] = "System.UInt16",
    };

    private readonly List<PEReader> _files = [];
    private readonly Dictionary<string, List<(MetadataReader Reader, TypeDefinitionHandle Handle)>> _types = new(StringComparer.Ordinal);

    internal AssemblySet(IEnumerable<string> files)
    {
        foreach (var file in files.Order(StringComparer.Ordinal))
        {
            var image = new PEReader(ImmutableArray.Create(File.ReadAllBytes(file)));
            _files.Add(image);
            if (image.HasMetadata)
            {
                Index(image.GetMetadataReader());
            }
        }
    }

    public void Dispose() => _files.ForEach(file => file.Dispose());

    /// <summary>Every method that the entry names; none when a type or method of it is not here.</summary>
    internal IReadOnlyList<ResolvedMethod> Find(MethodEntry entry)
    {
        var found = new List<ResolvedMethod>();
        foreach (var owner in Resolve(entry.Type).Where(owner => owner is { Reader: not null, ArrayDepth: 0 }))
        {
            var reader = owner.Reader!;
            var methods = reader.GetTypeDefinition(owner.Handle).GetMethods().Where(handle => IsNamed(reader, reader.GetMethodDefinition(handle), entry)).ToList();
            found.AddRange(Combinations(entry.Arguments).SelectMany(arguments => methods.Select(method => new ResolvedMethod(owner, method, arguments))));
        }

        return found;
    }

    /// <summary>The name of a type with its namespace and the types around it.</summary>
    internal static string NameOf(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var name = reader.GetString(type.Name);
        var outer = type.GetDeclaringType();
        var scope = outer.IsNil ? reader.GetString(type.Namespace) : NameOf(reader, outer) + "+";
        return outer.IsNil && scope.Length > 0 ? scope + "." + name : scope + name;
    }

    private void Index(MetadataReader reader)
    {
        foreach (var handle in reader.TypeDefinitions)
        {
            var name = MethodList.WithoutCounters(NameOf(reader, handle));
            if (!_types.TryGetValue(name, out var same))
            {
                _types.Add(name, same = []);
            }

            same.Add((reader, handle));
        }
    }

    private static bool IsNamed(MetadataReader reader, MethodDefinition method, MethodEntry entry) =>
        method.GetGenericParameters().Count == entry.Arguments.Length && MethodList.WithoutCounters(reader.GetString(method.Name)) == entry.Name;

    private IEnumerable<ResolvedType> Resolve(TypeName type)
    {
        var name = Keywords.GetValueOrDefault(type.Definition, type.Definition);
        if (name == AnyReference)
        {
            return [new ResolvedType(null, default, [], type.ArrayDepth)];
        }

        return _types.GetValueOrDefault(name, [])
            .Where(definition => definition.Reader.GetTypeDefinition(definition.Handle).GetGenericParameters().Count == type.Arguments.Length)
            .SelectMany(definition => Combinations(type.Arguments).Select(arguments => new ResolvedType(definition.Reader, definition.Handle, arguments, type.ArrayDepth)));
    }

    /// <summary>Every choice of one type for each name: a name without counters may stand for several.</summary>
    private IEnumerable<ImmutableArray<ResolvedType>> Combinations(ImmutableArray<TypeName> names) =>
        names.Aggregate<TypeName, IEnumerable<ImmutableArray<ResolvedType>>>([[]], (chosen, name) => chosen.SelectMany(before => Resolve(name).Select(before.Add)));
}
