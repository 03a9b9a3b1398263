using System.Globalization;

namespace Strata.Supervision;

/// <summary>One thing wrong with a manifest, and where a person finds it.</summary>
/// <param name="File">The file.</param>
/// <param name="Line">From 1; 0 when the fault is of the file as a whole.</param>
/// <param name="Column">From 1, in characters; 0 when the fault is of the file as a whole.</param>
/// <param name="Field">The field, for example "restart.max"; empty when it is of none.</param>
/// <param name="Message">What is wrong and what would be right.</param>
public sealed record LocatedFault(string File, int Line, int Column, string Field, string Message)
{
    /// <summary>As compilers write it: <c>file:line:column: field: message</c>.</summary>
    public override string ToString()
    {
        var place = Line == 0 ? File : string.Create(CultureInfo.InvariantCulture, $"{File}:{Line}:{Column}");
        return Field.Length == 0 ? $"{place}: {Message}" : $"{place}: {Field}: {Message}";
    }
}
