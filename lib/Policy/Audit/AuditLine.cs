using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Strata.Policy;

/// <summary>
/// One line of a hash-chained audit log: a JSON object whose first members are <c>seq</c>, its number, and <c>prev</c>, the hash of
/// the line before it, always spelt the same way so that a line has one form. A seal is a record whose last member is <c>sig</c>.
/// </summary>
/// <param name="Seq">Its number.</param>
/// <param name="Prev">Hash of the line before it, 64 lower-case hex digits.</param>
/// <param name="Hash">Its own hash.</param>
/// <param name="IsSeal">Whether it says to be a seal, or is signed.</param>
/// <param name="Signature">The signature of a seal, <see cref="IEd25519.SignatureBytes"/> bytes; null for any other record.</param>
/// <param name="Digest">For a seal: SHA-256 of the line up to its signature, 64 lower-case hex digits.</param>
/// <remarks>Source of the construction: B. Schneier, J. Kelsey, "Secure Audit Logs to Support Computer Forensics", 1999; with signed heads in place of evolving keys.</remarks>
public sealed record AuditLine(long Seq, string Prev, string Hash, bool IsSeal, byte[]? Signature, string? Digest)
{
    /// <summary>Most bytes of a line; no record comes near it.</summary>
    public const int MaxBytes = 64 * 1024;

    private const int SignatureDigits = IEd25519.SignatureBytes * 2;

    private static readonly SearchValues<byte> HexDigits = SearchValues.Create("0123456789abcdef"u8);

    private static ReadOnlySpan<byte> SeqName => "{\"seq\":"u8;

    private static ReadOnlySpan<byte> PrevName => ",\"prev\":\""u8;

    private static ReadOnlySpan<byte> PrevEnd => "\","u8;

    private static ReadOnlySpan<byte> SealEvent => "\"event\":\"audit.sealed\""u8;

    private static ReadOnlySpan<byte> SigName => ",\"sig\":\""u8;

    private static ReadOnlySpan<byte> SigEnd => "\"}"u8;

    /// <summary>Writes a record as the next line, newline included.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="head">The end of the log so far.</param>
    /// <param name="record">A JSON object with at least one member and no space around, e.g. <c>{"event":"fs.open"}</c>.</param>
    /// <returns>The new end of the log.</returns>
    public static AuditHead Write(IBufferWriter<byte> to, AuditHead head, ReadOnlySpan<byte> record)
    {
        var line = Begin(head, record);
        to.Write(line);
        to.Write("\n"u8);
        return new AuditHead(head.Seq + 1, HashOf(line));
    }

    /// <summary>The digest that a seal's signature is to cover.</summary>
    /// <param name="head">The end of the log so far.</param>
    /// <param name="record">The seal's record, without signature.</param>
    public static string DigestOfSeal(AuditHead head, ReadOnlySpan<byte> record) => HashOf(Begin(head, record).AsSpan()[..^1]);

    /// <summary>Writes a seal as the next line.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="head">The head for which the signature was made.</param>
    /// <param name="record">The seal's record, as given to <see cref="DigestOfSeal"/>.</param>
    /// <param name="signature">The signature, <see cref="IEd25519.SignatureBytes"/> bytes.</param>
    public static AuditHead WriteSeal(IBufferWriter<byte> to, AuditHead head, ReadOnlySpan<byte> record, ReadOnlySpan<byte> signature)
    {
        byte[] line = [.. Begin(head, record).AsSpan()[..^1], .. SigName, .. Encoding.ASCII.GetBytes(Convert.ToHexStringLower(signature)), .. SigEnd];
        to.Write(line);
        to.Write("\n"u8);
        return new AuditHead(head.Seq + 1, HashOf(line));
    }

    /// <summary>Reads the chain's part of a line; null when it is not in the one form a line has.</summary>
    /// <param name="line">The line without its newline.</param>
    public static AuditLine? TryParse(ReadOnlySpan<byte> line)
    {
        var rest = line;
        if (line.Length > MaxBytes || !Take(ref rest, SeqName) || !TakeNumber(ref rest, out var seq) || !Take(ref rest, PrevName)
            || !TakeHash(ref rest, out var prev) || !Take(ref rest, PrevEnd) || !rest.StartsWith("\""u8) || !rest.EndsWith("}"u8))
        {
            return null;
        }

        var (signature, digest) = Seal(line);
        return new AuditLine(seq, prev, HashOf(line), signature is not null || rest.StartsWith(SealEvent), signature, digest);
    }

    private static (byte[]? Signature, string? Digest) Seal(ReadOnlySpan<byte> line)
    {
        var tail = SigName.Length + SignatureDigits + SigEnd.Length;
        var at = line.LastIndexOf(SigName);
        if (at is -1 || line.Length - at != tail || !line.EndsWith(SigEnd))
        {
            return (null, null);
        }

        var digits = line[^(SignatureDigits + SigEnd.Length)..^SigEnd.Length];
        return IsHex(digits) ? (Convert.FromHexString(Encoding.ASCII.GetString(digits)), HashOf(line[..^tail])) : (null, null);
    }

    private static byte[] Begin(AuditHead head, ReadOnlySpan<byte> record)
    {
        if (!record.StartsWith("{\""u8) || !record.EndsWith("}"u8) || record.Contains((byte)'\n'))
        {
            throw new ArgumentException("An audit record is a JSON object on one line with at least one member.", nameof(record));
        }

        var start = Encoding.ASCII.GetBytes(FormattableString.Invariant($"{{\"seq\":{head.Seq + 1},\"prev\":\"{head.Hash}\","));
        return [.. start, .. record[1..]];
    }

    private static string HashOf(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[Sha256Hash.Bytes];
        Sha256Hash.Of(bytes, hash);
        return Convert.ToHexStringLower(hash);
    }

    private static bool Take(ref ReadOnlySpan<byte> rest, ReadOnlySpan<byte> expected)
    {
        if (!rest.StartsWith(expected))
        {
            return false;
        }

        rest = rest[expected.Length..];
        return true;
    }

    /// <summary>Takes a number from 1, without leading zeros.</summary>
    private static bool TakeNumber(ref ReadOnlySpan<byte> rest, out long number)
    {
        var good = Utf8Parser.TryParse(rest, out number, out var length) && rest[0] >= (byte)'1';
        rest = rest[length..];
        return good;
    }

    /// <summary>Takes the digits of a hash; where they end early, what is expected after them is not there.</summary>
    private static bool TakeHash(ref ReadOnlySpan<byte> rest, out string hash)
    {
        var digits = rest[..Math.Min(rest.Length, AuditHead.HashDigits)];
        hash = Encoding.ASCII.GetString(digits);
        rest = rest[digits.Length..];
        return IsHex(digits);
    }

    private static bool IsHex(ReadOnlySpan<byte> digits) => !digits.ContainsAnyExcept(HexDigits);
}
