using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;

namespace Strata.Ipc;

/// <summary>Params of <c>policy.explain</c>.</summary>
/// <param name="Method">The method that would be called.</param>
/// <param name="Params">Its params.</param>
/// <param name="Token">The token it would carry.</param>
/// <param name="Uid">Who would call it.</param>
public sealed record ExplainParams(
    [property: Description("full name of a method of this service")]
    [property: StringLength(128, MinimumLength = 1)] string Method,
    [property: Description("the params that the call would carry; absent leaves out what depends on them")] JsonElement? Params = null,
    [property: Description("the token that the call would carry; the request's own when absent")]
    [property: StringLength(8192, MinimumLength = 1)] string? Token = null,
    [property: Description("user id that would call, for those who see everything; the peer's own when absent")] uint? Uid = null);

/// <summary>Result of <c>policy.explain</c>.</summary>
/// <param name="Method">The method explained.</param>
/// <param name="Allowed">Whether no check denies.</param>
/// <param name="View">Who it is told to.</param>
/// <param name="Checks">The checks in order.</param>
/// <param name="Reason">Reason of the denial.</param>
public sealed record ExplainResult(
    [property: Description("the method explained")] string Method,
    [property: Description("true when no check denies")] bool Allowed,
    [property: Description("\"full\" for an authority or a holder of policy.explain, else \"caller\": no more than a denial would tell")] string View,
    [property: Description("every check, in the order in which they are made; the first that failed decides")] IReadOnlyList<ExplainedStep> Checks,
    [property: Description("reason code of the denial; absent when allowed, or when the caller may not know it")] string? Reason = null);

/// <summary>One check of <c>policy.explain</c>.</summary>
/// <param name="Check">Its name.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="Capability">The capability's side.</param>
/// <param name="Request">The request's side.</param>
/// <param name="Needs">What would have to change.</param>
public sealed record ExplainedStep(
    [property: Description("name of the check, e.g. right")] string Check,
    [property: Description("passed, failed, not_reached, not_checked or not_applicable")] string Outcome,
    [property: Description("reason code, when it failed")] string? Reason = null,
    [property: Description("what the capability says")] string? Capability = null,
    [property: Description("what the request, or the node, says")] string? Request = null,
    [property: Description("what would have to change, or is left to check")] string? Needs = null);
