using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>
/// The record as bytes: a line with format, version, length and checksum, then JSON. The checksum finds what is torn, cut or garbled; it keeps nobody from
/// writing another record, which the file's owner and mode do.
/// </summary>
public static class KeptText
{
    /// <summary>The version written, and the only one read.</summary>
    public const int Version = 1;

    /// <summary>The most bytes a record may have.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    internal const int MaxDepth = 8;

    private const string Format = "strata-node";
    private const int MaxHeaderBytes = 64;

    /// <summary>Writes a record.</summary>
    public static byte[] Encode(KeptNode node)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            KeptJson.Write(json, node);
        }

        var header = string.Create(CultureInfo.InvariantCulture, $"{Format} {Version} {buffer.WrittenCount} {Checksum(buffer.WrittenSpan):x8}\n");
        return [.. Encoding.ASCII.GetBytes(header), .. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Reads a record.</summary>
    /// <param name="bytes">What <see cref="Encode"/> gave, or anything else.</param>
    /// <param name="fault">What is wrong with it, in words to follow its name; null when it was read.</param>
    /// <returns>Null when there is a fault.</returns>
    public static KeptNode? Decode(ReadOnlyMemory<byte> bytes, out string? fault)
    {
        fault = null;
        if (bytes.Length > MaxBytes)
        {
            fault = string.Create(CultureInfo.InvariantCulture, $"has {bytes.Length} bytes, more than {MaxBytes}");
            return null;
        }

        var end = bytes.Span[..Math.Min(bytes.Length, MaxHeaderBytes)].IndexOf((byte)'\n');
        var words = end < 0 ? [] : Encoding.ASCII.GetString(bytes.Span[..end]).Split(' ');
        if (words.Length < 2 || words[0] != Format)
        {
            fault = "is not a record of a supervisor";
        }
        else if (words[1] != Version.ToString(CultureInfo.InvariantCulture))
        {
            fault = $"is of version {words[1]}, and this supervisor reads version {Version.ToString(CultureInfo.InvariantCulture)}";
        }
        else if (words.Length != 4 || !int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var length) || bytes.Length != end + length + 2L)
        {
            fault = "is torn: its length is not the one it tells";
        }
        else if (words[3] != Checksum(bytes.Span.Slice(end + 1, length)).ToString("x8", CultureInfo.InvariantCulture))
        {
            fault = "is garbled: its checksum is wrong";
        }

        return fault is null ? Parse(bytes.Slice(end + 1, bytes.Length - end - 2), out fault) : null;
    }

    private static KeptNode? Parse(ReadOnlyMemory<byte> json, out string? fault)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            fault = null;
            return KeptJson.Read(document.RootElement);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException or ArgumentException or OverflowException)
        {
            fault = "is garbled: " + e.Message;
            return null;
        }
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var sum = uint.MaxValue;
        foreach (var one in bytes)
        {
            sum = BitOperations.Crc32C(sum, one);
        }

        return ~sum;
    }
}
