using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Strata.Build;

/// <summary>References from the profile to types and methods of the assemblies that are compiled.</summary>
internal sealed class References(MetadataBuilder metadata)
{
    private readonly Dictionary<string, AssemblyReferenceHandle> _assemblies = new(StringComparer.Ordinal);
    private readonly Dictionary<(EntityHandle Scope, StringHandle Namespace, StringHandle Name), TypeReferenceHandle> _types = [];
    private readonly Dictionary<BlobHandle, EntityHandle> _instances = [];
    private readonly Dictionary<(EntityHandle Owner, StringHandle Name, BlobHandle Signature), EntityHandle> _methods = [];
    private readonly Dictionary<(EntityHandle Method, BlobHandle Arguments), EntityHandle> _methodInstances = [];

    internal MetadataBuilder Metadata => metadata;

    internal EntityHandle To(ResolvedMethod method)
    {
        var reader = method.Owner.Reader!;
        var definition = reader.GetMethodDefinition(method.Handle);
        var signature = definition.DecodeSignature(new SignatureCopier(this), null);
        var key = (Owner(method.Owner), metadata.GetOrAddString(reader.GetString(definition.Name)), metadata.GetOrAddBlob(SignatureCopier.Encode(signature)));
        if (!_methods.TryGetValue(key, out var handle))
        {
            _methods.Add(key, handle = metadata.AddMemberReference(key.Item1, key.Item2, key.Item3));
        }

        return method.Arguments.IsEmpty ? handle : Instance(handle, method.Arguments);
    }

    internal EntityHandle To(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var type = reader.GetTypeDefinition(handle);
        var outer = type.GetDeclaringType();
        var scope = outer.IsNil ? Assembly(reader.GetString(reader.GetAssemblyDefinition().Name)) : To(reader, outer);
        return Type(scope, reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    internal EntityHandle To(MetadataReader reader, TypeReferenceHandle handle)
    {
        var type = reader.GetTypeReference(handle);
        EntityHandle scope = type.ResolutionScope.Kind switch
        {
            HandleKind.TypeReference => To(reader, (TypeReferenceHandle)type.ResolutionScope),
            HandleKind.AssemblyReference => Assembly(reader.GetString(reader.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)),
            _ => Assembly(reader.GetString(reader.GetAssemblyDefinition().Name)),
        };
        return Type(scope, reader.GetString(type.Namespace), reader.GetString(type.Name));
    }

    private EntityHandle Owner(ResolvedType type)
    {
        if (type.Arguments.IsEmpty)
        {
            return To(type.Reader!, type.Handle);
        }

        var signature = metadata.GetOrAddBlob(Encode(type));
        if (!_instances.TryGetValue(signature, out var handle))
        {
            _instances.Add(signature, handle = metadata.AddTypeSpecification(signature));
        }

        return handle;
    }

    private EntityHandle Instance(EntityHandle method, ImmutableArray<ResolvedType> arguments)
    {
        var signature = new BlobBuilder();
        var encoder = new BlobEncoder(signature).MethodSpecificationSignature(arguments.Length);
        foreach (var argument in arguments)
        {
            encoder.AddArgument();
            signature.WriteBytes(Encode(argument));
        }

        var key = (method, metadata.GetOrAddBlob(signature));
        if (!_methodInstances.TryGetValue(key, out var handle))
        {
            _methodInstances.Add(key, handle = metadata.AddMethodSpecification(key.method, key.Item2));
        }

        return handle;
    }

    private byte[] Encode(ResolvedType type)
    {
        var signature = new BlobBuilder();
        for (var i = 0; i < type.ArrayDepth; i++)
        {
            signature.WriteByte((byte)SignatureTypeCode.SZArray);
        }

        if (type.Reader is null)
        {
            // The compiler knows this pair of names; no such assembly exists.
            signature.WriteBytes(SignatureCopier.Token(SignatureTypeKind.Class, Type(Assembly("System.Private.Canon"), "System", "__Canon")));
            return signature.ToArray();
        }

        var kind = IsValueType(type.Reader, type.Handle) ? SignatureTypeKind.ValueType : SignatureTypeKind.Class;
        var definition = SignatureCopier.Token(kind, To(type.Reader, type.Handle));
        signature.WriteBytes(type.Arguments.IsEmpty ? definition : SignatureCopier.Instance(definition, type.Arguments.Select(Encode)));
        return signature.ToArray();
    }

    private AssemblyReferenceHandle Assembly(string name)
    {
        if (!_assemblies.TryGetValue(name, out var handle))
        {
            _assemblies.Add(name, handle = metadata.AddAssemblyReference(metadata.GetOrAddString(name), new Version(0, 0, 0, 0), default, default, default, default));
        }

        return handle;
    }

    private TypeReferenceHandle Type(EntityHandle scope, string @namespace, string name)
    {
        var key = (scope, metadata.GetOrAddString(@namespace), metadata.GetOrAddString(name));
        if (!_types.TryGetValue(key, out var handle))
        {
            _types.Add(key, handle = metadata.AddTypeReference(key.scope, key.Item2, key.Item3));
        }

        return handle;
    }

    private static bool IsValueType(MetadataReader reader, TypeDefinitionHandle handle)
    {
        var parent = reader.GetTypeDefinition(handle).BaseType;
        var name = parent.Kind switch
        {
            _ when parent.IsNil => "",
            HandleKind.TypeReference => reader.GetString(reader.GetTypeReference((TypeReferenceHandle)parent).Name),
            HandleKind.TypeDefinition => reader.GetString(reader.GetTypeDefinition((TypeDefinitionHandle)parent).Name),
            _ => "",
        };
        return name is "ValueType" or "Enum";
    }
}
