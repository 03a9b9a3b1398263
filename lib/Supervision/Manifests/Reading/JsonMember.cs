namespace Strata.Supervision;

/// <summary>One member of an object.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Offset">The first byte of the name in the file.</param>
/// <param name="Value">Its value.</param>
internal sealed record JsonMember(string Name, int Offset, JsonPiece Value);
