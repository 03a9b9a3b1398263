using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Strata.Sandbox;

/// <summary>What an extended header says of the entry after it: lines of a length, a key and a value. Pure.</summary>
internal sealed class PaxRecords
{
    /// <summary>Most records of an entry.</summary>
    internal const int MaxRecords = 256;

    private const string AttributeKey = "SCHILY.xattr.";
    private readonly Dictionary<string, byte[]> _values = [];

    internal byte[]? Path => Text("path");

    internal byte[]? Target => Text("linkpath");

    internal long? SizeBytes => Number("size") is { } size ? size is >= 0 and <= TarHeader.MaxSizeBytes ? size : throw Damaged("size") : null;

    internal uint? Uid => Number("uid") is { } uid ? (uint)Math.Clamp(uid, 0, uint.MaxValue) : null;

    internal uint? Gid => Number("gid") is { } gid ? (uint)Math.Clamp(gid, 0, uint.MaxValue) : null;

    /// <summary>Nanoseconds since 1970; what is beyond the years that can be is left out.</summary>
    internal long? ModifiedUnixNs => _values.TryGetValue("mtime", out var value)
        && decimal.TryParse(Encoding.ASCII.GetString(value), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds)
        && seconds is > -9_000_000_000m and < 9_000_000_000m ? (long)(seconds * 1_000_000_000m) : null;

    internal bool IsSparse => _values.Keys.Any(key => key.StartsWith("GNU.sparse.", StringComparison.Ordinal));

    internal IReadOnlyDictionary<string, byte[]> Attributes => _values
        .Where(value => value.Key.StartsWith(AttributeKey, StringComparison.Ordinal)).ToDictionary(value => value.Key[AttributeKey.Length..], value => value.Value);

    internal static PaxRecords Parse(ReadOnlySpan<byte> content)
    {
        var records = new PaxRecords();
        while (!content.IsEmpty)
        {
            if (!Utf8Parser.TryParse(content, out int length, out int digits) || length <= digits + 2 || length > content.Length || content[digits] != ' ' || content[length - 1] != '\n')
            {
                throw Damaged("record");
            }

            var record = content[(digits + 1)..(length - 1)];
            int equals = record.IndexOf((byte)'=');
            if (equals <= 0)
            {
                throw Damaged("record");
            }

            records._values[Encoding.UTF8.GetString(record[..equals])] = record[(equals + 1)..].ToArray();
            if (records._values.Count > MaxRecords)
            {
                throw new ArchiveException(string.Create(CultureInfo.InvariantCulture, $"an entry of the archive has more than {MaxRecords} extended records"));
            }

            content = content[length..];
        }

        return records;
    }

    private static ArchiveException Damaged(string what) => new($"the archive is damaged: an extended header has a bad {what}");

    private byte[]? Text(string key) => _values.GetValueOrDefault(key) is { Length: > 0 } value ? value : null;

    private long? Number(string key) => !_values.TryGetValue(key, out var value) ? null
        : Utf8Parser.TryParse(value, out long number, out int used) && used == value.Length ? number : throw Damaged(key);
}
