namespace Strata.Exec;

/// <summary>What a program prints.</summary>
internal enum OutputKind
{
    /// <summary>A JSON object, the result itself; nothing at all is an empty one.</summary>
    Json,

    /// <summary>Text in UTF-8, answered as <c>{"text": ...}</c>.</summary>
    Text,
}
