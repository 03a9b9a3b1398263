using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>Params of <c>identity.issue</c>.</summary>
public sealed record IssueParams(
    [property: Description("service the capability is for, e.g. fs; required unless a template says it")][property: StringLength(64, MinimumLength = 1)] string? Service = null,
    [property: Description("legacy short actions; \"open\" grants SERVICE.open")][property: MaxItems(32)] IReadOnlyList<string>? Actions = null,
    [property: Description("rights granted, e.g. fs.read")][property: MaxItems(64)] IReadOnlyList<string>? Rights = null,
    [property: Description("absolute path beneath which paths must lie; without one no path is allowed")][property: StringLength(4096, MinimumLength = 1)] string? PathPrefix = null,
    [property: Description("lifetime in seconds, 3600 when not given; bounded by the node's maximum (24 h by default)")][property: Range(1, 31536000)] int? TtlSeconds = null,
    [property: Description("calls a second, e.g. 50rps; none means no limit")][property: StringLength(16, MinimumLength = 1)] string? RateLimit = null,
    [property: Description("who will hold it, for audit and handles; capability when not given")][property: StringLength(128, MinimumLength = 1)] string? Subject = null,
    [property: Description("methods that may not be called whatever the rights say, e.g. fs.list")][property: MaxItems(64)] IReadOnlyList<string>? MethodsDenied = null,
    [property: Description("most bytes of one read, write or transfer")][property: Range(1, 9007199254740991)] long? MaxBytes = null,
    [property: Description("most bytes written in all by the capability")][property: Range(1, 9007199254740991)] long? QuotaBytes = null,
    [property: Description("true: nothing may be changed")] bool? ReadOnly = null,
    [property: Description("first instant of use, RFC 3339")][property: StringLength(64, MinimumLength = 1)] string? NotBefore = null,
    [property: Description("the only user who may use it, by peer credentials")][property: Range(0, 4294967294)] long? Uid = null,
    [property: Description("template of the node to begin with; what else is given narrows it")][property: StringLength(128, MinimumLength = 1)] string? Template = null,
    [property: Description("true: it is for one call")] bool? Once = null,
    [property: Description("the Ed25519 key that must sign each request, 43 characters of base64url")][property: StringLength(64, MinimumLength = 1)] string? HolderKey = null,
    [property: Description("bounds of its sandboxes")] SandboxLimitations? Sandbox = null);

/// <summary>Params of <c>identity.attenuate</c>: what is left out is inherited.</summary>
public sealed record AttenuateParams(
    [property: Description("rights kept, each one that the capability holds")][property: MaxItems(64)] IReadOnlyList<string>? Rights = null,
    [property: Description("legacy short actions kept; when rights or actions are given, the other is empty")][property: MaxItems(32)] IReadOnlyList<string>? Actions = null,
    [property: Description("absolute path beneath the capability's own")][property: StringLength(4096, MinimumLength = 1)] string? PathPrefix = null,
    [property: Description("lifetime in seconds; ends no later than the capability")][property: Range(1, 31536000)] int? TtlSeconds = null,
    [property: Description("calls a second, at most the capability's own")][property: StringLength(16, MinimumLength = 1)] string? RateLimit = null,
    [property: Description("who will hold it")][property: StringLength(128, MinimumLength = 1)] string? Subject = null,
    [property: Description("methods denied beside those of the capability")][property: MaxItems(64)] IReadOnlyList<string>? MethodsDenied = null,
    [property: Description("most bytes of one read, write or transfer")][property: Range(1, 9007199254740991)] long? MaxBytes = null,
    [property: Description("most bytes written in all; counts against the capability's own too")][property: Range(1, 9007199254740991)] long? QuotaBytes = null,
    [property: Description("true: nothing may be changed")] bool? ReadOnly = null,
    [property: Description("first instant of use, RFC 3339")][property: StringLength(64, MinimumLength = 1)] string? NotBefore = null,
    [property: Description("the only user who may use it, by peer credentials")][property: Range(0, 4294967294)] long? Uid = null,
    [property: Description("true: it is for one call")] bool? Once = null,
    [property: Description("the Ed25519 key that must sign each request, 43 characters of base64url")][property: StringLength(64, MinimumLength = 1)] string? HolderKey = null,
    [property: Description("bounds of its sandboxes, each within the capability's own; those that are left out are inherited")] SandboxLimitations? Sandbox = null);

/// <summary>Result of <c>identity.issue</c>.</summary>
public sealed record IssueResult(
    [property: Description("the PASETO token")] string Token,
    [property: Description("id of the capability, hex")] string CapId,
    [property: Description("expiry, Unix seconds")] long Expires);

/// <summary>Params of <c>identity.renew</c>.</summary>
public sealed record RenewParams(
    [property: Description("lifetime from now in seconds; that of the token when not given")][property: Range(1, 31536000)] int? TtlSeconds = null);

/// <summary>Params of <c>identity.list</c>.</summary>
public sealed record IssuedListParams(
    [property: Description("only those of this holder")][property: StringLength(128, MinimumLength = 1)] string? Subject = null,
    [property: Description("only those for this service")][property: StringLength(128, MinimumLength = 1)] string? Service = null,
    [property: Description("only those derived from this capability, directly")][property: StringLength(64, MinimumLength = 1)] string? Parent = null,
    [property: Description("only those of this template")][property: StringLength(128, MinimumLength = 1)] string? Template = null,
    [property: Description("only those that end before this time, RFC 3339")][property: StringLength(64, MinimumLength = 1)] string? ExpiresBefore = null,
    [property: Description("where the page before ended")][property: StringLength(16, MinimumLength = 1)] string? Cursor = null,
    [property: Description("most on a page; a page may hold fewer")][property: Range(1, 500)] int Limit = 100);

/// <summary>One capability in a list.</summary>
public sealed record IssuedSummary(
    [property: Description("id of the capability")] string CapId,
    [property: Description("subject")] string Subject,
    [property: Description("service")] string Service,
    [property: Description("issued at, RFC 3339")] string Issued,
    [property: Description("expires at, RFC 3339")] string Expires,
    [property: Description("true when it was revoked")] bool Revoked,
    [property: Description("the capability it was derived from")] string? Parent = null,
    [property: Description("its template")] string? Template = null);

/// <summary>Result of <c>identity.list</c>.</summary>
public sealed record IssuedList(
    [property: Description("those that have not expired, in the order of issue")] IReadOnlyList<IssuedSummary> Capabilities,
    [property: Description("cursor of the next page; absent on the last")] string? Next = null);

/// <summary>Params of <c>identity.show</c>.</summary>
public sealed record ShowParams(
    [property: Description("id of the capability, hex")][property: StringLength(64, MinimumLength = 1)] string CapId);

/// <summary>Result of <c>identity.show</c>: all that is known of a capability but its token.</summary>
public sealed record IssuedCapability(
    [property: Description("id of the capability")] string CapId,
    [property: Description("subject")] string Subject,
    [property: Description("service")] string Service,
    [property: Description("issued or last renewed at, RFC 3339")] string Issued,
    [property: Description("expires at, RFC 3339")] string Expires,
    [property: Description("true when it was revoked, or one it was derived from")] bool Revoked,
    [property: Description("the key that signed its latest token")] string Kid,
    [property: Description("how many were derived from it in all, if it is a root")] long Derived,
    [property: Description("rights")] IReadOnlyList<string>? Rights = null,
    [property: Description("legacy actions")] IReadOnlyList<string>? Actions = null,
    [property: Description("constraints")] CapabilityLimits? Constraints = null,
    [property: Description("template")] string? Template = null,
    [property: Description("when the first of its chain was first issued, RFC 3339")] string? Since = null,
    [property: Description("the capabilities it was derived from, the root first")] IReadOnlyList<string>? Chain = null);

/// <summary>Params of <c>identity.revoke</c>.</summary>
public sealed record RevokeParams(
    [property: Description("id of the capability, hex: it and all that was derived from it")][property: StringLength(64, MinimumLength = 1)] string? CapId = null,
    [property: Description("everything issued so far to this holder, and what was derived from it")][property: StringLength(128, MinimumLength = 1)] string? Subject = null,
    [property: Description("everything issued so far by this template, and what was derived from it")][property: StringLength(128, MinimumLength = 1)] string? Template = null,
    [property: Description("everything signed by this key, by its kid, and what was derived or renewed so far")][property: StringLength(128, MinimumLength = 1)] string? Key = null,
    [property: Description("everything whose chain began at this time or earlier, RFC 3339, not in the future")][property: StringLength(64, MinimumLength = 1)] string? Before = null);

/// <summary>Result of <c>identity.revoke</c>.</summary>
public sealed record RevokeResult(
    [property: Description("always revoked: it is on disk")] string Status,
    [property: Description("verifiers that have not confirmed within the bound; absent when all have")] IReadOnlyList<string>? Pending = null);

/// <summary>Params of <c>identity.introspect</c>.</summary>
public sealed record IntrospectParams(
    [property: Description("the token to look into")][property: StringLength(8192, MinimumLength = 1)] string Token);

/// <summary>Result of <c>identity.introspect</c>: the claims, and whether the token is good now.</summary>
public sealed record IntrospectResult(
    [property: Description("true when it verifies, has not expired and is not revoked")] bool Active,
    [property: Description("why it is not active: a stable reason code")] string? Reason = null,
    [property: Description("id of the capability")] string? Jti = null,
    [property: Description("issuer, identity@NODE")] string? Iss = null,
    [property: Description("audience")] string? Aud = null,
    [property: Description("subject")] string? Sub = null,
    [property: Description("issued at, RFC 3339")] string? Iat = null,
    [property: Description("expires at, RFC 3339")] string? Exp = null,
    [property: Description("service")] string? Service = null,
    [property: Description("legacy actions")] IReadOnlyList<string>? Actions = null,
    [property: Description("rights")] IReadOnlyList<string>? Rights = null,
    [property: Description("constraints")] CapabilityLimits? Constraints = null,
    [property: Description("template it was issued by, or derived from one that was")] string? Template = null,
    [property: Description("when the first of its chain was first issued, RFC 3339; absent when that is iat")] string? Since = null,
    [property: Description("the capabilities it was derived from, the root first")] IReadOnlyList<string>? Chain = null);

/// <summary>Constraints of a capability that a manifest gives.</summary>
public sealed record ConstraintsView(
    [property: Description("absolute path beneath which paths must lie")] string? PathPrefix = null,
    [property: Description("calls a second")] string? RateLimit = null);

/// <summary>Everything that limits a capability beyond its rights, as shown to people and programs.</summary>
public sealed record CapabilityLimits(
    [property: Description("absolute path beneath which paths must lie")] string? PathPrefix = null,
    [property: Description("calls a second")] string? RateLimit = null,
    [property: Description("methods that may not be called")] IReadOnlyList<string>? MethodsDenied = null,
    [property: Description("most bytes of one read, write or transfer")] long? MaxBytes = null,
    [property: Description("most bytes written in all")] long? QuotaBytes = null,
    [property: Description("true: nothing may be changed")] bool? ReadOnly = null,
    [property: Description("first instant of use, RFC 3339")] string? NotBefore = null,
    [property: Description("the only user who may use it")] long? Uid = null,
    [property: Description("true: it is for one call")] bool? Once = null,
    [property: Description("the key that must sign each request, base64url")] string? HolderKey = null,
    [property: Description("bounds of its sandboxes")] SandboxLimitations? Sandbox = null);

/// <summary>Params of <c>identity.watch</c>.</summary>
public sealed record WatchParams(
    [property: Description("name of the verifier, as revoke reports it when it does not confirm")][property: StringLength(64, MinimumLength = 1)] string Verifier);

/// <summary>One revoked capability.</summary>
public sealed record RevokedCapability(
    [property: Description("id of the capability")] string CapId,
    [property: Description("Unix seconds after which its token has expired anyway and the entry may be dropped")] long Expires);

/// <summary>One revocation of many capabilities.</summary>
public sealed record RevokedRule(
    [property: Description("subject, template, key or everything")] string Scope,
    [property: Description("the subject, template or kid; * for everything")] string Value,
    [property: Description("Unix seconds: what was issued then or earlier")] long Before,
    [property: Description("Unix seconds after which all of it has expired anyway and the entry may be dropped")] long Expires);

/// <summary>
/// One item of <c>identity.watch</c>. The first items have kind <c>snapshot</c>, the last of them with
/// <c>complete</c>; then <c>change</c> for every change, and <c>heartbeat</c> in between.
/// </summary>
public sealed record WatchItem(
    [property: Description("snapshot, change or heartbeat")] string Kind,
    [property: Description("sequence number of the last change contained")] long Seq,
    [property: Description("id to confirm with, in snapshot items")] string? WatchId = null,
    [property: Description("all verification keys; in the first snapshot item and whenever they change")] IReadOnlyList<VerificationKey>? Keys = null,
    [property: Description("revoked capabilities: all of them over the snapshot items, the new ones in a change")] IReadOnlyList<RevokedCapability>? Revoked = null,
    [property: Description("true in the last snapshot item")] bool? Complete = null,
    [property: Description("issuer whose tokens to accept, identity@NODE")] string? Issuer = null,
    [property: Description("when it was made: milliseconds of the machine's monotonic clock; an item read late is no fresh news")] long? MadeAtMs = null,
    [property: Description("revocations by rule: all of them over the snapshot items, the new ones in a change")] IReadOnlyList<RevokedRule>? Rules = null);

/// <summary>Params of <c>identity.confirm</c>.</summary>
public sealed record ConfirmParams(
    [property: Description("watch_id of the stream")][property: StringLength(64, MinimumLength = 1)] string WatchId,
    [property: Description("every change up to this number is in force at the verifier")][property: Range(0, 9e15)] long Seq);

/// <summary>Params of <c>identity.use</c>.</summary>
public sealed record UseParams(
    [property: Description("id of the capability, hex")][property: StringLength(64, MinimumLength = 1)] string CapId,
    [property: Description("when the capability ends, Unix seconds; the record is kept for as long")][property: Range(1, 253402300799)] long Expires,
    [property: Description("the service that asks")][property: StringLength(64, MinimumLength = 1)] string Service,
    [property: Description("the method it is used for")][property: StringLength(128, MinimumLength = 1)] string Method,
    [property: Description("its subject, for the audit log")][property: StringLength(128, MinimumLength = 1)] string? Subject = null);

/// <summary>Result of <c>identity.use</c>: it was unused, and is used from here on.</summary>
public sealed record UseResult(
    [property: Description("always used: it is on disk")] string Status)
{
    /// <summary>The only status.</summary>
    public const string Used = "used";
}
