using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>Something that a session with network <c>proxy</c> or <c>bridge</c> may reach.</summary>
public sealed record SandboxDestination(
    [property: Description("a host name, *. and a name for all beneath it, * for every name, an address, or a range such as 192.0.2.0/24; a bridge takes addresses and ranges of IPv4 alone; private, local and reserved addresses only where the node allows them, and never by a wider range")][property: StringLength(256, MinimumLength = 1)] string To,
    [property: Description("ports; none for 80 and 443")][property: MaxItems(16)] IReadOnlyList<int>? Ports = null);

/// <summary>A secret that has a placeholder inside.</summary>
public sealed record SandboxPlaceholder(
    [property: Description("the value, of printable ASCII; never told, recorded or kept on disk")][property: StringLength(4096, MinimumLength = 1)] string Value,
    [property: Description("hosts that get it in fields of requests, over TLS: HOST, *.HOST or either with :PORT; http:// before one has it sent in the clear")][property: MaxItems(16)] IReadOnlyList<string> Hosts,
    [property: Description("carries what programs encrypt to the hosts as it is, without the value: only what they ask in the clear, by http://HOST, gets it")] bool? ClearOnly = null);

/// <summary>Params of <c>sandbox.network</c>.</summary>
public sealed record SandboxNetworkParams(
    [property: Description("name of the session")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("what it may reach from now on and nothing else; connections to anything else end. None leaves it as it is")][property: MaxItems(256)] IReadOnlyList<SandboxDestination>? Allow = null);

/// <summary>Result of <c>sandbox.network</c>.</summary>
public sealed record SandboxNetworkResult(
    [property: Description("none, proxy, bridge or host")] string Network,
    [property: Description("what it may reach; empty for nothing")] IReadOnlyList<SandboxDestination> Allow,
    [property: Description("connections through the proxy that are open; 0 for a bridge, whose connections the kernel keeps")] int Open,
    [property: Description("most that may be")] int MaxOpen,
    [property: Description("connections made so far")] long Connections,
    [property: Description("requests denied so far, of a bridge packets")] long Denied,
    [property: Description("bytes sent so far")] long SentBytes,
    [property: Description("bytes received so far")] long ReceivedBytes,
    [property: Description("names of secrets whose values the proxy puts in place of what is inside; absent for none")] IReadOnlyList<string>? Secrets = null,
    [property: Description("HOST:PORT of hosts to which the proxy reads what programs encrypt, to put values in; absent for none")] IReadOnlyList<string>? TlsHosts = null);

/// <summary>Params of <c>sandbox.connect</c>.</summary>
public sealed record SandboxConnectParams(
    [property: Description("name of the session")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("port on which a program inside listens, on loopback or on all addresses")][property: Range(1, 65535)] int Port);

/// <summary>Result of <c>sandbox.connect</c>; the connected socket comes with it (SCM_RIGHTS).</summary>
public sealed record SandboxConnectResult(
    [property: Description("the port")] int Port);
