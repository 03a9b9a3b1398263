using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>What limits the sandboxes of a capability.</summary>
public sealed record SandboxLimitations(
    [property: Description("images, or beginnings of their names followed by *")][property: MaxItems(32)][property: StringLength(257, MinimumLength = 1)] IReadOnlyList<string>? Images = null,
    [property: Description("most memory of one sandbox")][property: Range(1, 9007199254740991)] long? MaxMemoryBytes = null,
    [property: Description("most thousandths of a processor of one sandbox")][property: Range(1, 1000000000)] long? MaxCpuMillis = null,
    [property: Description("most processes of one sandbox")][property: Range(1, 1000000000)] long? MaxPids = null,
    [property: Description("most bytes that one sandbox may change")][property: Range(1, 9007199254740991)] long? MaxDiskBytes = null,
    [property: Description("most sessions at once, made by the capability and by what is derived from it")][property: Range(1, 1000000000)] long? MaxSessions = null,
    [property: Description("kinds of network: none, proxy, bridge, host")][property: MaxItems(32)][property: StringLength(128, MinimumLength = 1)] IReadOnlyList<string>? Networks = null,
    [property: Description("hosts that may be reached, or *. and a domain for all beneath it")][property: MaxItems(32)][property: StringLength(253, MinimumLength = 1)] IReadOnlyList<string>? Domains = null,
    [property: Description("paths of the programs that may be started")][property: MaxItems(32)][property: StringLength(4096, MinimumLength = 1)] IReadOnlyList<string>? Commands = null);
