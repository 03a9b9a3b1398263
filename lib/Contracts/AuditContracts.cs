using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>identity.seal</c>.</summary>
public sealed record SealParams(
    [property: Description("the service whose audit log it is")][property: StringLength(64, MinimumLength = 1)] string Service,
    [property: Description("number of the log's last record, which is on disk")][property: Range(1, 9e15)] long Seq,
    [property: Description("hash of that record: SHA-256 of its line, 64 lower-case hex digits")][property: StringLength(64, MinimumLength = 1)] string Hash,
    [property: Description("SHA-256 of the seal's line up to its signature, 64 lower-case hex digits")][property: StringLength(64, MinimumLength = 1)] string Digest);

/// <summary>Result of <c>identity.seal</c>.</summary>
public sealed record SealResult(
    [property: Description("signature of the seal by identity's audit key: 128 hex digits")] string Signature);

/// <summary>Result of <c>identity.seals</c>.</summary>
public sealed record SealsResult(
    [property: Description("public half of identity's audit key: 64 hex digits")] string PublicKey,
    [property: Description("name of the node")] string Node,
    [property: Description("what was sealed last of each audit log, in order of names")] IReadOnlyList<SealedLog> Logs);

/// <summary>The newest record of an audit log that identity has sealed.</summary>
public sealed record SealedLog(
    [property: Description("the service whose log it is")] string Service,
    [property: Description("number of the record")] long Seq,
    [property: Description("its hash, 64 lower-case hex digits")] string Hash,
    [property: Description("when it was sealed, RFC 3339")] string Time);
