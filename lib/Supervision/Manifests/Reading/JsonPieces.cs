using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Unicode;

namespace Strata.Supervision;

/// <summary>
/// JSON with comments and trailing commas into pieces that know their place. Depth and size are bounded before, so recursion
/// is; a member given twice is a fault and its first value counts.
/// </summary>
internal static class JsonPieces
{
    private static readonly JsonReaderOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, MaxDepth = ManifestLimits.MaxDepth,
    };

    /// <summary>The value a file holds; null, with a fault, when it is no JSON.</summary>
    internal static JsonPiece? Read(ReadOnlySpan<byte> content, FaultSink faults)
    {
        if (!Utf8.IsValid(content))
        {
            faults.Add(FirstInvalid(content), "", "is not UTF-8 here; save the file as UTF-8");
            return null;
        }

        var reader = new Utf8JsonReader(content, Options);
        try
        {
            reader.Read();
            var piece = Value(ref reader, "", faults);
            // Whatever follows the value but comments is a fault of syntax, which the reader raises.
            while (reader.Read())
            {
            }

            return piece;
        }
        catch (JsonException e)
        {
            faults.Add(OffsetOf(content, e), "", Meaning(e));
            return null;
        }
        catch (InvalidOperationException)
        {
            // The one fault of syntax that shows only when a text is taken out: half of a surrogate pair.
            faults.Add((int)reader.TokenStartIndex, "", "an escape in this text is half of a character; write the character itself");
            return null;
        }
    }

    private static JsonPiece Value(ref Utf8JsonReader reader, string path, FaultSink faults)
    {
        var offset = (int)reader.TokenStartIndex;
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                return new JsonPiece(JsonValueKind.Object, offset) { Members = Members(ref reader, path, faults) };
            case JsonTokenType.StartArray:
                return new JsonPiece(JsonValueKind.Array, offset) { Items = Items(ref reader, path, faults) };
            case JsonTokenType.String:
                return new JsonPiece(JsonValueKind.String, offset, reader.GetString()!);
            case JsonTokenType.Number:
                return new JsonPiece(JsonValueKind.Number, offset, System.Text.Encoding.ASCII.GetString(reader.ValueSpan));
            case JsonTokenType.True:
                return new JsonPiece(JsonValueKind.True, offset);
            case JsonTokenType.False:
                return new JsonPiece(JsonValueKind.False, offset);
            default:
                return new JsonPiece(JsonValueKind.Null, offset);
        }
    }

    private static ImmutableArray<JsonMember> Members(ref Utf8JsonReader reader, string path, FaultSink faults)
    {
        var members = ImmutableArray.CreateBuilder<JsonMember>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (name, offset) = (reader.GetString()!, (int)reader.TokenStartIndex);
            var inner = path.Length == 0 ? name : $"{path}.{name}";
            reader.Read();
            var value = Value(ref reader, inner, faults);
            if (names.Add(name))
            {
                members.Add(new JsonMember(name, offset, value));
            }
            else
            {
                faults.Add(offset, inner, "is given a second time; keep one of the two");
            }
        }

        return members.ToImmutable();
    }

    private static ImmutableArray<JsonPiece> Items(ref Utf8JsonReader reader, string path, FaultSink faults)
    {
        var items = ImmutableArray.CreateBuilder<JsonPiece>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Value(ref reader, $"{path}[{items.Count}]", faults));
        }

        return items.ToImmutable();
    }

    private static int FirstInvalid(ReadOnlySpan<byte> content)
    {
        var offset = 0;
        while (System.Text.Rune.DecodeFromUtf8(content[offset..], out _, out var length) == System.Buffers.OperationStatus.Done)
        {
            offset += length;
        }

        return offset;
    }

    private static int OffsetOf(ReadOnlySpan<byte> content, JsonException e)
    {
        var offset = 0;
        for (var line = 0; line < e.LineNumber; line++)
        {
            offset += content[offset..].IndexOf((byte)'\n') + 1;
        }

        return offset + (int)(e.BytePositionInLine ?? 0);
    }

    // The reader ends its messages with a place of its own, counted from 0 and in bytes.
    private static string Meaning(JsonException e)
    {
        var text = e.Message.Split(" LineNumber:")[0].TrimEnd('.');
        return text.Contains("maximum configured depth", StringComparison.Ordinal)
            ? $"objects and lists lie more than {ManifestLimits.MaxDepth} deep; no field of a manifest does"
            : "is not JSON: " + Shown.Text(text);
    }
}
