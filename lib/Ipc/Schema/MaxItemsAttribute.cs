namespace Strata.Ipc;

/// <summary>The most items an array or map of a params record may have.</summary>
/// <remarks>Stands in for the platform's <c>[MaxLength]</c>, which cannot be trimmed without a warning.</remarks>
/// <param name="count">Items, at least 0.</param>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MaxItemsAttribute(int count) : Attribute
{
    /// <summary>Items.</summary>
    public int Count => count;
}
