using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// The form of an issued capability on disk: length and CRC-32C of what follows, both four bytes little-endian; then serial number,
/// dates, ids and hashes for the index; then the signing key's id, a newline and the claims as in the token. Pure.
/// </summary>
internal static class IssuedRecord
{
    internal const int PrefixBytes = 8;

    /// <summary>The largest record: claims fit into a token, and a key's id is short.</summary>
    internal const int MaxBytes = PrefixBytes + FixedBytes + PasetoToken.MaxTokenBytes + 256;

    private const int FixedBytes = 4 + 4 + 4 + (3 * 16) + (3 * 4);

    internal static ReadOnlySpan<byte> Header => "strata-issued 1\n"u8;

    internal static uint HashOf(string? text)
    {
        var hash = 2166136261u;
        foreach (var c in text ?? "")
        {
            hash = (hash ^ c) * 16777619u;
        }

        return text is null ? 0 : hash | 1;
    }

    internal static uint Seconds(DateTimeOffset time) => (uint)Math.Clamp(time.ToUnixTimeSeconds(), 0, uint.MaxValue);

    internal static byte[] Encode(uint serial, CapabilityClaims claims)
    {
        var body = new ArrayBufferWriter<byte>(512);
        var fixedPart = body.GetSpan(PrefixBytes + FixedBytes);
        var at = fixedPart[PrefixBytes..];
        Put(ref at, serial);
        Put(ref at, Seconds(claims.IssuedAt));
        Put(ref at, Seconds(claims.ExpiresAt));
        Put(ref at, PackedId.Of(claims.CapabilityId));
        Put(ref at, PackedId.Of(claims.Parent));
        Put(ref at, PackedId.Of(claims.Root));
        Put(ref at, HashOf(claims.Subject));
        Put(ref at, HashOf(claims.Service));
        Put(ref at, HashOf(claims.Template));
        body.Advance(PrefixBytes + FixedBytes);
        Encoding.ASCII.GetBytes(claims.SignedBy ?? "", body);
        body.Write("\n"u8);
        ClaimsWriter.Write(claims, body);
        var record = body.WrittenSpan.ToArray();
        BinaryPrimitives.WriteInt32LittleEndian(record, record.Length - PrefixBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), Crc32C.Of(record.AsSpan(PrefixBytes)));
        return record;
    }

    /// <summary>The length of the record that a prefix begins; 0 when none can.</summary>
    internal static int LengthOf(ReadOnlySpan<byte> prefix)
    {
        var length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        return length is > FixedBytes and <= MaxBytes - PrefixBytes ? length + PrefixBytes : 0;
    }

    /// <summary>Reads what the index keeps; false when the record is damaged.</summary>
    internal static bool TryReadEntry(ReadOnlySpan<byte> record, long offset, out IssuedEntry entry, out PackedId root)
    {
        (entry, root) = (default, default);
        if (Crc32C.Of(record[PrefixBytes..]) != BinaryPrimitives.ReadUInt32LittleEndian(record[4..]))
        {
            return false;
        }

        var at = record[PrefixBytes..];
        entry.Serial = Take(ref at);
        entry.IssuedAt = Take(ref at);
        entry.ExpiresAt = Take(ref at);
        entry.Id = TakeId(ref at);
        entry.Parent = TakeId(ref at);
        root = TakeId(ref at);
        entry.SubjectHash = Take(ref at);
        entry.ServiceHash = Take(ref at);
        entry.TemplateHash = Take(ref at);
        (entry.Offset, entry.Length) = (offset, record.Length);
        return !entry.Id.IsNone;
    }

    /// <summary>Reads the claims; null when the record is damaged.</summary>
    internal static CapabilityClaims? ReadClaims(ReadOnlySpan<byte> record)
    {
        if (Crc32C.Of(record[PrefixBytes..]) != BinaryPrimitives.ReadUInt32LittleEndian(record[4..]))
        {
            return null;
        }

        var text = record[(PrefixBytes + FixedBytes)..];
        var end = text.IndexOf((byte)'\n');
        return ClaimsReader.TryRead(text[(end + 1)..], ClaimsRules.Strict, out var claims, out _)
            ? claims with { SignedBy = Encoding.ASCII.GetString(text[..end]) }
            : null;
    }

    private static void Put(ref Span<byte> at, uint value)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(at, value);
        at = at[4..];
    }

    private static void Put(ref Span<byte> at, PackedId id)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(at, id.High);
        BinaryPrimitives.WriteUInt64LittleEndian(at[8..], id.Low);
        at = at[16..];
    }

    private static uint Take(ref ReadOnlySpan<byte> at)
    {
        var value = BinaryPrimitives.ReadUInt32LittleEndian(at);
        at = at[4..];
        return value;
    }

    private static PackedId TakeId(ref ReadOnlySpan<byte> at)
    {
        var id = new PackedId(BinaryPrimitives.ReadUInt64LittleEndian(at), BinaryPrimitives.ReadUInt64LittleEndian(at[8..]));
        at = at[16..];
        return id;
    }
}
