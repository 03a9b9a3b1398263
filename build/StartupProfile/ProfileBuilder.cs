using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Strata.Build;

/// <summary>
/// Makes a profile that the ahead-of-time compiler reads (--mibc): an assembly whose code is never run. Its method AssemblyDictionary names, for each
/// assembly, one with a token for each method to compile.
/// </summary>
internal sealed class ProfileBuilder
{
    private readonly References _references = new(new MetadataBuilder());
    private readonly SortedDictionary<string, List<EntityHandle>> _methods = new(StringComparer.Ordinal);
    private readonly HashSet<EntityHandle> _known = [];

    internal int Count => _known.Count;

    internal void Add(ResolvedMethod method)
    {
        var handle = _references.To(method);
        if (_known.Add(handle))
        {
            var reader = method.Owner.Reader!;
            var assembly = reader.GetString(reader.GetAssemblyDefinition().Name);
            if (!_methods.TryGetValue(assembly, out var methods))
            {
                _methods.Add(assembly, methods = []);
            }

            methods.Add(handle);
        }
    }

    /// <summary>The profile; the same methods in the same order make the same bytes.</summary>
    internal byte[] ToImage()
    {
        var metadata = _references.Metadata;
        var name = metadata.GetOrAddString("startup");
        metadata.AddModule(0, name, metadata.GetOrAddGuid(new Guid("6f0d5c0e-53c4-4f0b-9a53-1b8f6d3a7c11")), default, default);
        metadata.AddAssembly(name, new Version(0, 0, 0, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));

        var bodies = new MethodBodyStreamEncoder(new BlobBuilder());
        var dictionary = Code();
        foreach (var (assembly, methods) in _methods)
        {
            var group = Code();
            methods.ForEach(method => Name(group, method));
            // The compiler leaves out a group that names an assembly which is not among those it compiles.
            dictionary.LoadString(metadata.GetOrAddUserString(assembly + ";"));
            Name(dictionary, AddMethod(bodies, assembly, group));
        }

        AddMethod(bodies, "AssemblyDictionary", dictionary);
        var image = new BlobBuilder();
        var id = new BlobContentId(new Guid("a8a2a1b3-7c65-4a35-9d0e-0d4a5f2f3b77"), 1);
        new ManagedPEBuilder(new PEHeaderBuilder(), new MetadataRootBuilder(metadata), bodies.Builder, deterministicIdProvider: _ => id).Serialize(image);
        return image.ToArray();
    }

    private static InstructionEncoder Code() => new(new BlobBuilder());

    private static void Name(InstructionEncoder code, EntityHandle method)
    {
        code.OpCode(ILOpCode.Ldtoken);
        code.Token(method);
        code.OpCode(ILOpCode.Pop);
    }

    private MethodDefinitionHandle AddMethod(MethodBodyStreamEncoder bodies, string name, InstructionEncoder code)
    {
        var metadata = _references.Metadata;
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, returns => returns.Void(), _ => { });
        return metadata.AddMethodDefinition(
            MethodAttributes.Public | MethodAttributes.Static,
            MethodImplAttributes.IL,
            metadata.GetOrAddString(name),
            metadata.GetOrAddBlob(signature),
            bodies.AddMethodBody(code),
            MetadataTokens.ParameterHandle(1));
    }
}
