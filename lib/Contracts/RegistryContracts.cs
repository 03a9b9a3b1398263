using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Params of <c>registry.register</c>.</summary>
public sealed record RegisterParams(
    [property: Description("name of the service: a-z, 0-9, - and ., starting with a letter")][property: StringLength(64, MinimumLength = 1)] string Service,
    [property: Description("unix:///absolute/path of its socket")][property: StringLength(128, MinimumLength = 1)] string Endpoint,
    [property: Description("version of its API")][property: Range(1, 1000)] int ApiV = 1,
    [property: Description("user id to register for; only the supervisor may set it")][property: Range(0, 4294967295d)] long? OwnerUid = null,
    [property: Description("true for a service of the node's own manifests; only the supervisor may set it")] bool? Declared = null);

/// <summary>Params of <c>registry.resolve</c> and <c>registry.unregister</c>.</summary>
public sealed record ServiceName(
    [property: Description("name of the service")][property: StringLength(64, MinimumLength = 1)] string Service);

/// <summary>Result of <c>registry.resolve</c>.</summary>
public sealed record ResolveResult(
    [property: Description("unix:///absolute/path of its socket")] string Endpoint,
    [property: Description("version of its API")] int ApiV);

/// <summary>One registered service.</summary>
public sealed record RegistryEntry(
    [property: Description("name")] string Service,
    [property: Description("unix:///absolute/path of its socket")] string Endpoint,
    [property: Description("version of its API")] int ApiV,
    [property: Description("true for a service of the node's own manifests")] bool? Declared = null,
    [property: Description("user id that registered it")] long? OwnerUid = null);

/// <summary>Result of <c>registry.list</c>.</summary>
public sealed record RegistryList([property: Description("every entry, by name")] IReadOnlyList<RegistryEntry> Services);

/// <summary>One item of <c>registry.watch</c>: a snapshot first, then a change each.</summary>
public sealed record RegistryEvent(
    [property: Description("snapshot, registered or unregistered")] string Kind,
    [property: Description("sequence number")] long Seq,
    [property: Description("every entry, in the snapshot")] IReadOnlyList<RegistryEntry>? Services = null,
    [property: Description("the entry that changed")] RegistryEntry? Entry = null);
