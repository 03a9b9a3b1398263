using System.Text.Json;
using Strata.Supervision;

namespace Strata.Exec;

/// <summary>The members of one object of the file, taken one by one; what is not taken is not a field.</summary>
internal sealed class Fields
{
    private readonly Dictionary<string, JsonElement> _left = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];
    private readonly List<string> _faults;
    private readonly string _at;

    internal Fields(JsonElement element, string at, List<string> faults)
    {
        (_at, _faults) = (at, faults);
        if (element.ValueKind != JsonValueKind.Object)
        {
            _faults.Add($"{(at.Length == 0 ? "the file" : at)}: must be an object");
            return;
        }

        foreach (var member in element.EnumerateObject())
        {
            _left.Add(member.Name, member.Value);
        }
    }

    internal void Fault(string field, string problem) => _faults.Add($"{Path(field)}: {problem}");

    /// <summary>A fault that names its field itself.</summary>
    internal void Fault(string sentence) => _faults.Add(sentence);

    internal string Path(string field) => _at.Length == 0 ? field : field.Length == 0 ? _at : $"{_at}.{field}";

    internal bool Take(string field, out JsonElement value)
    {
        _known.Add(field);
        return _left.Remove(field, out value);
    }

    /// <summary>A text that must be there; null after a fault.</summary>
    internal string? Text(string field, int maxChars)
    {
        if (!Take(field, out var value))
        {
            Fault(field, "is missing");
            return null;
        }

        return Text(value, field, maxChars);
    }

    internal string? OptionalText(string field, int maxChars) => Take(field, out var value) ? Text(value, field, maxChars) : null;

    internal bool Flag(string field)
    {
        if (Take(field, out var value) && value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Fault(field, "must be true or false");
        }

        return value.ValueKind == JsonValueKind.True;
    }

    internal int Whole(string field, int fallback, int least, int most)
    {
        if (!Take(field, out var value))
        {
            return fallback;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= least && number <= most)
        {
            return number;
        }

        Fault(field, $"must be a whole number from {least} to {most}");
        return fallback;
    }

    internal TimeSpan Duration(string field, TimeSpan fallback, ValueRange<TimeSpan> range)
    {
        if (!Take(field, out var value))
        {
            return fallback;
        }

        if (value.ValueKind == JsonValueKind.String && DurationText.TryParse(value.GetString()!, out var duration) && duration >= range.Least && duration <= range.Most)
        {
            return duration;
        }

        Fault(field, $"must be a time from {DurationText.Of(range.Least)} to {DurationText.Of(range.Most)}, such as \"5s\"");
        return fallback;
    }

    /// <summary>A list of texts that must be there and not be empty; empty after a fault.</summary>
    internal IReadOnlyList<string> Texts(string field, int maxItems, int maxChars)
    {
        var count = Take(field, out var value) && value.ValueKind == JsonValueKind.Array ? value.GetArrayLength() : 0;
        if (count == 0 || count > maxItems)
        {
            Fault(field, $"must be a list of 1 to {maxItems} strings");
            return [];
        }

        List<string> texts = [.. value.EnumerateArray().Select(item => Text(item, field, maxChars)).OfType<string>()];
        return texts.Count == count ? texts : [];
    }

    internal IReadOnlyList<(string Name, Fields Fields)> Members(string field)
    {
        if (!Take(field, out var value))
        {
            Fault(field, "is missing");
            return [];
        }

        if (value.ValueKind != JsonValueKind.Object)
        {
            Fault(field, "must be an object");
            return [];
        }

        return [.. value.EnumerateObject().Select(member => (member.Name, new Fields(member.Value, $"{Path(field)}.{member.Name}", _faults)))];
    }

    internal void NoOthers(params IEnumerable<string> ignored)
    {
        foreach (var name in _left.Keys.Except(ignored, StringComparer.Ordinal))
        {
            Fault(name, "is not a field" + (NearestName.Of(name, _known) is { } near ? $"; did you mean {near}?" : $"; there are {string.Join(", ", _known)}"));
        }
    }

    private string? Text(JsonElement value, string field, int maxChars)
    {
        if (value.ValueKind == JsonValueKind.String && value.GetString() is { } text && text.Length <= maxChars && !text.Contains('\0', StringComparison.Ordinal))
        {
            return text;
        }

        Fault(field, $"must be a string of at most {maxChars} characters, none of them NUL");
        return null;
    }
}
