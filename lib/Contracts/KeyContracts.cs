using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>One public key by which tokens verify.</summary>
public sealed record VerificationKey(
    [property: Description("key id: its PASERK id, k2.pid or k4.pid")] string Kid,
    [property: Description("token version: v2 or v4")] string Version,
    [property: Description("32-byte Ed25519 public key, standard base64")] string PublicKey,
    [property: Description("true when it has signed only tokens whose footer names it; without it, tokens without a footer are tried against it too")] bool? NamedOnly = null);

/// <summary>One key of the node, as people and programs see it.</summary>
public sealed record KeyView(
    [property: Description("key id: its PASERK id, k2.pid or k4.pid")] string Kid,
    [property: Description("token version: v2 or v4")] string Version,
    [property: Description("32-byte Ed25519 public key, standard base64")] string PublicKey,
    [property: Description("next, active or retiring")] string State,
    [property: Description("made at, RFC 3339")] string Created,
    [property: Description("when the last token it signed has expired everywhere and it goes, RFC 3339; while it is retiring")] string? Retires = null,
    [property: Description("true when it has signed only tokens whose footer names it; without it, tokens without a footer are tried against it too")] bool? NamedOnly = null);

/// <summary>Result of <c>identity.keys</c>.</summary>
public sealed record KeysResult(
    [property: Description("issuer whose tokens they verify, identity@NODE")] string Issuer,
    [property: Description("kid of the key that signs what is issued now")] string Signing,
    [property: Description("every key by which tokens of the node verify")] IReadOnlyList<KeyView> Keys);

/// <summary>Params of <c>identity.rotate</c>.</summary>
public sealed record RotateParams(
    [property: Description("token version whose key is replaced, v2 or v4; both when not given")][property: StringLength(2, MinimumLength = 1)] string? Version = null);

/// <summary>One key that has taken another's place.</summary>
public sealed record RotatedKey(
    [property: Description("token version: v2 or v4")] string Version,
    [property: Description("kid of the key that signs now")] string Kid,
    [property: Description("kid of the key that signed until now")] string Previous,
    [property: Description("when the last token the previous key signed has expired everywhere and it goes, RFC 3339")] string Retires);

/// <summary>Result of <c>identity.rotate</c>.</summary>
public sealed record RotateResult(
    [property: Description("always rotated: the new keys sign")] string Status,
    [property: Description("the keys")] IReadOnlyList<RotatedKey> Keys,
    [property: Description("verifiers that had not confirmed the new keys within the staleness bound; absent when all had")] IReadOnlyList<string>? Pending = null);
