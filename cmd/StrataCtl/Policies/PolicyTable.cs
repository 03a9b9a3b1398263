using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.StrataCtl.Policies;

/// <summary>A table of who may do what, for <c>policy test</c>: capabilities, and calls with what must come of them.</summary>
/// <param name="Rows">The calls.</param>
/// <param name="Capabilities">The capabilities by name.</param>
/// <param name="Now">The time.</param>
/// <param name="Issuer">The node.</param>
internal sealed record PolicyTable(
    [property: Description("the calls, each with what must come of it")] [property: MaxItems(PolicyTable.MaxRows)] IReadOnlyList<TableRow> Rows,
    [property: Description("capabilities by a name for this table; each is what identity.issue takes, or with \"from\" what identity.attenuate takes")]
    IReadOnlyDictionary<string, TableCapability>? Capabilities = null,
    [property: Description("the time at which all is issued and asked, RFC 3339")] [property: StringLength(64, MinimumLength = 1)] string Now = PolicyTable.DefaultNow,
    [property: Description("the node's issuer, identity@NODE")] [property: StringLength(128, MinimumLength = 1)] string Issuer = PolicyTable.DefaultIssuer)
{
    /// <summary>Most rows of a table.</summary>
    internal const int MaxRows = 4096;

    /// <summary>Most calls that a row makes before the one it judges.</summary>
    internal const int MaxCalls = 10_000;

    /// <summary>Largest file, in bytes: 1 MiB.</summary>
    internal const int MaxFileBytes = 1024 * 1024;

    internal const string DefaultNow = "2026-01-31T12:00:00Z";

    internal const string DefaultIssuer = "identity@local-0";
}

/// <summary>A capability of a table.</summary>
internal sealed record TableCapability(
    [property: Description("the capability of the table that it is derived from; absent for one that identity issues")] [property: StringLength(128, MinimumLength = 1)] string? From = null,
    [property: Description("issuer, when it is not the node's")] [property: StringLength(128, MinimumLength = 1)] string? Issuer = null,
    [property: Description("audience, when it is not strata")] [property: StringLength(128, MinimumLength = 1)] string? Audience = null,
    [property: Description("a constraint that no service knows")] [property: StringLength(128, MinimumLength = 1)] string? UnknownConstraint = null,
    [property: Description("service; inherited when absent and derived")] [property: StringLength(128, MinimumLength = 1)] string? Service = null,
    [property: Description("rights")] [property: MaxItems(64)] IReadOnlyList<string>? Rights = null,
    [property: Description("legacy actions")] [property: MaxItems(32)] IReadOnlyList<string>? Actions = null,
    [property: Description("absolute path beneath which paths must lie")] string? PathPrefix = null,
    [property: Description("calls a second, such as 50rps")] [property: StringLength(16)] string? RateLimit = null,
    [property: Description("lifetime in seconds")] [property: Range(1, 9e15)] long? TtlSeconds = null,
    [property: Description("subject")] [property: StringLength(128, MinimumLength = 1)] string? Subject = null,
    [property: Description("methods that may not be called")] [property: MaxItems(64)] IReadOnlyList<string>? MethodsDenied = null,
    [property: Description("most bytes of one read, write or transfer")] long? MaxBytes = null,
    [property: Description("most bytes written in all")] long? QuotaBytes = null,
    [property: Description("nothing may be changed")] bool? ReadOnly = null,
    [property: Description("first instant of use, RFC 3339")] [property: StringLength(64)] string? NotBefore = null,
    [property: Description("the only user who may use it")] long? Uid = null,
    [property: Description("it is for one call")] bool? Once = null,
    [property: Description("the key that must sign each request, base64url")] [property: StringLength(64)] string? HolderKey = null,
    [property: Description("bounds of its sandboxes")] SandboxLimitations? Sandbox = null);

/// <summary>A call of a table, or with <c>derive</c> a derivation, and what must come of it.</summary>
internal sealed record TableRow(
    [property: Description("a sentence that names the row in reports")] [property: StringLength(256, MinimumLength = 1)] string Name,
    [property: Description("allow, or the reason code of the denial")] [property: StringLength(64, MinimumLength = 1)] string Expect,
    [property: Description("the method called")] [property: StringLength(128, MinimumLength = 1)] string? Method = null,
    [property: Description("the capability whose token the call carries; absent for none")] [property: StringLength(128, MinimumLength = 1)] string? Capability = null,
    [property: Description("the path that the call names; absent leaves paths alone")] string? Path = null,
    [property: Description("further paths that the call names")] [property: MaxItems(16)] IReadOnlyList<string>? FurtherPaths = null,
    [property: Description("rights that the call takes beside its method's")] [property: MaxItems(16)] IReadOnlyList<string>? FurtherRights = null,
    [property: Description("the right of a method that is none of the node's own services'")] [property: StringLength(128, MinimumLength = 1)] string? Right = null,
    [property: Description("whether that method is for authorities alone, so that no capability opens it")] bool AuthorityOnly = false,
    [property: Description("when the call is made: RFC 3339, or +TIME or -TIME from the table's now")] [property: StringLength(64, MinimumLength = 1)] string? At = null,
    [property: Description("user id of the caller")] uint? Uid = null,
    [property: Description("whether the caller is an authority of the node")] bool Authority = false,
    [property: Description("what the token is")] [property: AllowedValues("good", "malformed", "unknown_key", "forged")] string Token = "good",
    [property: Description("capabilities that were revoked before")] IReadOnlyList<string>? Revoked = null,
    [property: Description("whether the service has lost touch with identity")] bool Stale = false,
    [property: Description("what the signature by holder_key is")] [property: AllowedValues("missing", "valid", "invalid", "replayed", "unrecorded")] string Proof = "missing",
    [property: Description("whether a capability for one call was used before")] bool Used = false,
    [property: Description("calls made in the same instant before")] [property: Range(0, PolicyTable.MaxCalls)] int Calls = 0,
    [property: Description("whether as many other capabilities are rate-limited as may be")] bool Crowded = false,
    [property: Description("constraints that the service enforces; those of the node's own services are known")]
    [property: MaxItems(3)] IReadOnlyList<string>? Enforces = null,
    [property: Description("instead of a call: what \"capability\" is asked to derive; denied is exceeds_authority")] TableCapability? Derive = null);
