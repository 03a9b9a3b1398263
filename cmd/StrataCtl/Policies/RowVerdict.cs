namespace Strata.StrataCtl.Policies;

/// <summary>What came of one row.</summary>
/// <param name="Index">Its place in the table, from 0.</param>
/// <param name="Row">The row.</param>
/// <param name="Got"><c>allow</c> or the reason of the denial.</param>
/// <param name="Needs">What would have to change for it to be allowed; null when it is.</param>
internal sealed record RowVerdict(int Index, TableRow Row, string Got, string? Needs)
{
    public bool IsAsExpected => string.Equals(Got, Row.Expect, StringComparison.Ordinal);
}
