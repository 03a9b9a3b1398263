using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Strata.Build;

/// <summary>Copies signatures from an assembly into the profile (ECMA-335, II.23.2): the same bytes, but for the tokens of types.</summary>
internal sealed class SignatureCopier(References references) : ISignatureTypeProvider<byte[], object?>
{
    internal static byte[] Token(SignatureTypeKind kind, EntityHandle type)
    {
        var bytes = new BlobBuilder();
        bytes.WriteByte((byte)kind);
        bytes.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(type));
        return bytes.ToArray();
    }

    internal static byte[] Instance(byte[] definition, IEnumerable<byte[]> arguments)
    {
        var all = arguments.ToList();
        return [(byte)SignatureTypeCode.GenericTypeInstance, .. definition, .. Number(all.Count), .. all.SelectMany(a => a)];
    }

    internal static byte[] Encode(MethodSignature<byte[]> signature)
    {
        var bytes = new BlobBuilder();
        bytes.WriteByte(signature.Header.RawValue);
        if (signature.Header.IsGeneric)
        {
            bytes.WriteCompressedInteger(signature.GenericParameterCount);
        }

        bytes.WriteCompressedInteger(signature.ParameterTypes.Length);
        bytes.WriteBytes(signature.ReturnType);
        foreach (var parameter in signature.ParameterTypes)
        {
            bytes.WriteBytes(parameter);
        }

        return bytes.ToArray();
    }

    public byte[] GetPrimitiveType(PrimitiveTypeCode typeCode) => [(byte)typeCode];

    public byte[] GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) => Token((SignatureTypeKind)rawTypeKind, references.To(reader, handle));

    public byte[] GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) => Token((SignatureTypeKind)rawTypeKind, references.To(reader, handle));

    public byte[] GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
        reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

    public byte[] GetGenericInstantiation(byte[] genericType, ImmutableArray<byte[]> typeArguments) => Instance(genericType, typeArguments);

    public byte[] GetSZArrayType(byte[] elementType) => [(byte)SignatureTypeCode.SZArray, .. elementType];

    public byte[] GetArrayType(byte[] elementType, ArrayShape shape)
    {
        var bounds = new BlobBuilder();
        new ArrayShapeEncoder(bounds).Shape(shape.Rank, shape.Sizes, shape.LowerBounds);
        return [(byte)SignatureTypeCode.Array, .. elementType, .. bounds.ToArray()];
    }

    public byte[] GetByReferenceType(byte[] elementType) => [(byte)SignatureTypeCode.ByReference, .. elementType];

    public byte[] GetPointerType(byte[] elementType) => [(byte)SignatureTypeCode.Pointer, .. elementType];

    public byte[] GetPinnedType(byte[] elementType) => [(byte)SignatureTypeCode.Pinned, .. elementType];

    public byte[] GetFunctionPointerType(MethodSignature<byte[]> signature) => [(byte)SignatureTypeCode.FunctionPointer, .. Encode(signature)];

    public byte[] GetGenericTypeParameter(object? genericContext, int index) => [(byte)SignatureTypeCode.GenericTypeParameter, .. Number(index)];

    public byte[] GetGenericMethodParameter(object? genericContext, int index) => [(byte)SignatureTypeCode.GenericMethodParameter, .. Number(index)];

    /// <summary>A modifier is a bare token, without the byte for class or value type before it.</summary>
    public byte[] GetModifiedType(byte[] modifier, byte[] unmodifiedType, bool isRequired) =>
        [(byte)(isRequired ? SignatureTypeCode.RequiredModifier : SignatureTypeCode.OptionalModifier), .. modifier.AsSpan(1), .. unmodifiedType];

    private static byte[] Number(int value)
    {
        var bytes = new BlobBuilder();
        bytes.WriteCompressedInteger(value);
        return bytes.ToArray();
    }
}
