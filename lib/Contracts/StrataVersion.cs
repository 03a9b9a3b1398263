namespace Strata.Contracts;

/// <summary>The version of Strata that this was built as.</summary>
public static partial class StrataVersion
{
    /// <summary>Three numbers and, of what is no release, a suffix: <c>1.2.3-rc.1</c>.</summary>
    public static string Current => Built;
}
