using System.Text;
using System.Text.Json;

namespace Strata.StrataCtl.Compat;

/// <summary>
/// Writes JSON as Go's <c>encoding/json</c> does with <c>MarshalIndent(v, "", "  ")</c> for values it decoded into
/// maps: members in the byte order of their names, the last of duplicates, empty objects and arrays as <c>{}</c> and
/// <c>[]</c>. Numbers are kept as sent; Go would round those that a double does not hold.
/// </summary>
internal sealed class GoJsonWriter(bool forTerminal)
{
    private readonly StringBuilder _text = new();
    private int _depth;
    private bool _empty = true;

    public override string ToString() => _text.ToString();

    public void BeginObject() => Begin('{');

    public void EndObject() => End('}');

    public void Name(string name)
    {
        NextItem();
        GoString.Append(_text, name, forTerminal);
        _text.Append(": ");
    }

    public void Literal(string name, string json)
    {
        Name(name);
        _text.Append(json);
    }

    /// <summary>Writes a member of <paramref name="owner"/>, or the zero value when it has none.</summary>
    public void Member(string name, string zero, JsonElement owner)
    {
        Name(name);
        if (owner.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
        {
            Value(value);
        }
        else
        {
            _text.Append(zero);
        }
    }

    public void Value(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                WriteObject(value);
                break;
            case JsonValueKind.Array:
                Begin('[');
                foreach (var item in value.EnumerateArray())
                {
                    NextItem();
                    Value(item);
                }

                End(']');
                break;
            case JsonValueKind.String:
                GoString.Append(_text, GoString.Decode(value.GetRawText()), forTerminal);
                break;
            default:
                _text.Append(value.GetRawText());
                break;
        }
    }

    private void WriteObject(JsonElement value)
    {
        var members = new SortedDictionary<string, JsonElement>(ByUtf8Bytes.Instance);
        foreach (var member in value.EnumerateObject())
        {
            members[member.Name] = member.Value;
        }

        BeginObject();
        foreach (var (name, item) in members)
        {
            Name(name);
            Value(item);
        }

        EndObject();
    }

    private void Begin(char bracket)
    {
        _text.Append(bracket);
        _depth++;
        _empty = true;
    }

    private void NextItem()
    {
        _text.Append(_empty ? "\n" : ",\n").Append(' ', 2 * _depth);
        _empty = false;
    }

    private void End(char bracket)
    {
        _depth--;
        if (!_empty)
        {
            _text.Append('\n').Append(' ', 2 * _depth);
        }

        _text.Append(bracket);
        _empty = false;
    }

    /// <summary>UTF-16 order differs from that of UTF-8 bytes where surrogates are involved.</summary>
    private sealed class ByUtf8Bytes : IComparer<string>
    {
        public static readonly ByUtf8Bytes Instance = new();

        public int Compare(string? x, string? y) =>
            Encoding.UTF8.GetBytes(x!).AsSpan().SequenceCompareTo(Encoding.UTF8.GetBytes(y!));
    }
}
