namespace Strata.Policy;

/// <summary>What is known about a reason.</summary>
/// <param name="Reason">The reason.</param>
/// <param name="Code">Its stable code, snake_case, for audit and for <c>error.details.reason</c>.</param>
/// <param name="WireCode">The protocol's error code: 1, 2, 3, 6 or 7.</param>
/// <param name="IsDisclosed">
/// Whether the caller may learn the code. When not, only the wire code and <see cref="Message"/>, which then is general, may be sent.
/// </param>
/// <param name="Message">For the caller: what was wrong and what to do. Never holds a value from the token or the node.</param>
public sealed record DenyReasonInfo(DenyReason Reason, string Code, int WireCode, bool IsDisclosed, string Message);
