namespace Strata.Identity;

/// <summary>What a log of capability ids is about: the two have one form and one care, since losing either brings authority back.</summary>
/// <param name="FileName">The file in identity's directory.</param>
/// <param name="Label">Its first line: kind and version.</param>
/// <param name="Consequence">What would follow from going on without it.</param>
internal sealed record CapabilityLogKind(string FileName, string Label, string Consequence)
{
    internal static CapabilityLogKind Revocations { get; } = new("revocations", "strata-revocations 1", "revoked capabilities would be valid again");

    internal static CapabilityLogKind Uses { get; } = new("uses", "strata-uses 1", "capabilities for one call could be used again");

    internal byte[] Header => System.Text.Encoding.ASCII.GetBytes(Label + "\n");
}
