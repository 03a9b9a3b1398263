using System.Collections.Immutable;
using System.Text.Json;

namespace Strata.Supervision;

/// <summary>One JSON value and where it stands.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Text">The text of a string, the digits of a number, otherwise empty.</param>
internal sealed record JsonPiece(JsonValueKind Kind, int Offset, string Text = "")
{
    /// <summary>Members of an object, in order, each name once.</summary>
    internal ImmutableArray<JsonMember> Members { get; init; } = [];

    /// <summary>Items of an array, in order.</summary>
    internal ImmutableArray<JsonPiece> Items { get; init; } = [];

    /// <summary>The kind in words, for "must be ..., not ...".</summary>
    internal string KindInWords => Kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.Null => "null",
        _ => Kind == JsonValueKind.True ? "true" : "false",
    };
}
