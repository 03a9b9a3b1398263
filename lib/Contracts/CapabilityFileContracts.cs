using System.ComponentModel;

namespace Strata.Contracts;

/// <summary>
/// One capability as a service finds it in the file that STRATA_CAPABILITIES names: a JSON object with a member for each
/// service that it may call.
/// </summary>
public sealed record HeldToken(
    [property: Description("the PASETO token, for auth.token")] string Token,
    [property: Description("expiry, Unix seconds; the file is replaced well before")] long Expires,
    [property: Description("rights")] IReadOnlyList<string> Rights,
    [property: Description("constraints; absent when there are none")] ConstraintsView? Constraints = null);
