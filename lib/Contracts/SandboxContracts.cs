using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Strata.Ipc;

namespace Strata.Contracts;

/// <summary>Params of <c>sandbox.create</c>.</summary>
public sealed record SandboxCreateParams(
    [property: Description("name of the session, 1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-', beginning with a letter or digit; none makes a new one with a name of its own")][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description("image it starts from; host is this machine's own /usr, read-only")][property: StringLength(256, MinimumLength = 1)] string? Image = null,
    [property: Description("engine that must make it; none takes the node's")][property: StringLength(64, MinimumLength = 1)] string? Engine = null,
    [property: Description("what it may use; what is left out has the node's default, or less where the capability says so")] SandboxLimitsWish? Limits = null,
    [property: Description("refuses limits that are not held for all processes together, by control groups")] bool RequireLimits = false,
    [property: Description("none, proxy, bridge or host")][property: AllowedValues("none", "proxy", "bridge", "host")] string? Network = null,
    [property: Description("variables of every process")][property: MaxItems(128)] IReadOnlyDictionary<string, string>? Environment = null,
    [property: Description("further variables, never told or kept on disk: a session that is made anew after a restart has lost them")][property: MaxItems(64)] IReadOnlyDictionary<string, string>? Secrets = null,
    [property: Description("whom processes run as inside: user (1000) or root, who has no power over anything outside either; none takes whom the image names, else user")][property: AllowedValues("user", "root")] string? User = null,
    [property: Description("host name inside")][property: StringLength(63, MinimumLength = 1)] string? Hostname = null,
    [property: Description("seconds without use after which it is closed")][property: Range(1, 31536000)] int? TtlSeconds = null,
    [property: Description("workspace that is /workspace inside and outlives the session; it is made when it is missing")][property: StringLength(64, MinimumLength = 1)] string? Workspace = null,
    [property: Description("lets other sessions that say so have the workspace at the same time")] bool SharedWorkspace = false,
    [property: Description("words of your own, at most 16, to find it by")][property: MaxItems(16)] IReadOnlyDictionary<string, string>? Labels = null,
    [property: Description("whether programs inside may make user namespaces, which reach more of the kernel")] bool UserNamespaces = false,
    [property: Description("what it may reach, with network proxy or bridge; none for nothing. sandbox.network changes it")][property: MaxItems(256)] IReadOnlyList<SandboxDestination>? Allow = null,
    [property: Description("secrets that never come inside, with network proxy: programs find a placeholder, and the proxy puts the value into requests to the hosts named, also into those that programs encrypt unless clear_only is true")][property: MaxItems(32)] IReadOnlyDictionary<string, SandboxPlaceholder>? Placeholders = null);

/// <summary>What a session may use.</summary>
public sealed record SandboxLimitsWish(
    [property: Description("bytes of memory")][property: Range(1048576, 9007199254740991d)] long? MemoryBytes = null,
    [property: Description("processors, such as 0.5 or 2")] double? Cpus = null,
    [property: Description("processes and threads at once")][property: Range(2, 1000000)] int? Pids = null,
    [property: Description("bytes that it may change of its image; what it changes is then held in memory, and lost when it is made anew")][property: Range(1048576, 9007199254740991d)] long? DiskBytes = null,
    [property: Description("open files of one process")][property: Range(16, 1048576)] int? OpenFiles = null,
    [property: Description("bytes of output that one command keeps")][property: Range(1024, 67108864)] long? OutputBytes = null);

/// <summary>Result of <c>sandbox.create</c>.</summary>
public sealed record SandboxCreateResult(
    [property: Description("whether it was made by this call")] bool Created,
    [property: Description("the session")] SandboxInfo Session,
    [property: Description("for one that was there: what of it is not as you asked")] IReadOnlyList<string>? Differs = null);

/// <summary>Params of methods that work on one session.</summary>
public sealed record SandboxSessionParams(
    [property: Description("name of the session")][property: StringLength(64, MinimumLength = 1)] string Session);

/// <summary>A session.</summary>
public sealed record SandboxInfo(
    [property: Description("name")] string Session,
    [property: Description("whose it is: subjects along the capability's chain, joined by >; # and an id for a capability without a subject")] string Owner,
    [property: Description("the service's own name for it, never used again")] string Id,
    [property: Description("running, paused, starting or lost")] string State,
    [property: Description("image")] string Image,
    [property: Description("engine")] string Engine,
    [property: Description("none, proxy, bridge or host")] string Network,
    [property: Description("user, root, or whom its image names")] string User,
    [property: Description("host name inside")] string Hostname,
    [property: Description("when it was made, RFC 3339 UTC")] string Created,
    [property: Description("when it is closed unless it is used, RFC 3339 UTC")] string Expires,
    [property: Description("when it is closed in any case, RFC 3339 UTC")] string EndsAt,
    [property: Description("seconds without use after which it is closed")] int TtlSeconds,
    [property: Description("what it may use")] SandboxLimitsWish Limits,
    [property: Description("what holds the limits: cgroup2, cgroup1 or rlimit; absent while it does not run")] string? EnforcedBy = null,
    [property: Description("its workspace; absent for none")] string? Workspace = null,
    [property: Description("whether others may have the workspace")] bool? SharedWorkspace = null,
    [property: Description("labels")] IReadOnlyDictionary<string, string>? Labels = null,
    [property: Description("variables; not in lists")] IReadOnlyDictionary<string, string>? Environment = null,
    [property: Description("names of its secrets; not in lists")] IReadOnlyList<string>? Secrets = null,
    [property: Description("names of its secrets that have placeholders inside; not in lists")] IReadOnlyList<string>? Placeholders = null,
    [property: Description("what it may reach; not in lists")] IReadOnlyList<SandboxDestination>? Allow = null,
    [property: Description("true when it was made anew, with its files and a fresh shell")] bool? Restored = null,
    [property: Description("true when its secrets went with what it was made anew from")] bool? SecretsLost = null,
    [property: Description("why it was made anew or is lost")] string? Reason = null,
    [property: Description("true when its changes, bounded by disk_bytes and so held in memory, went with what it was made anew from")] bool? FilesLost = null,
    [property: Description("members of limits that it was not asked for by name and that nothing on this machine can hold: it goes without them")] IReadOnlyList<string>? NotEnforced = null,
    [property: Description("where its image has programs start; absent for /workspace; not in lists")] string? WorkingDirectory = null,
    [property: Description("the program that its image has started, for whoever wants that: nothing is started by itself; not in lists")] IReadOnlyList<string>? Entrypoint = null,
    [property: Description("that program's arguments when nobody gives any; not in lists")] IReadOnlyList<string>? Command = null,
    [property: Description("HOST:PORT of hosts to which its proxy reads what programs encrypt, to put values of placeholders in; not in lists")] IReadOnlyList<string>? TlsHosts = null);

/// <summary>Params of <c>sandbox.list</c>.</summary>
public sealed record SandboxListParams(
    [property: Description("everybody's; takes the right sandbox.list_all as well")] bool All = false,
    [property: Description("those with these labels alone")][property: MaxItems(16)] IReadOnlyDictionary<string, string>? Labels = null,
    [property: Description("next of the page before")][property: StringLength(64, MinimumLength = 1)] string? Cursor = null,
    [property: Description("sessions wanted on this page")][property: Range(1, 100)] int Limit = 100);

/// <summary>Result of <c>sandbox.list</c>.</summary>
public sealed record SandboxList(
    [property: Description("sessions, by id")] IReadOnlyList<SandboxInfo> Sessions,
    [property: Description("cursor of the next page; absent on the last")] string? Next = null);

/// <summary>Result of <c>sandbox.stats</c>.</summary>
public sealed record SandboxStats(
    [property: Description("name")] string Session,
    [property: Description("running or paused")] string State,
    [property: Description("processes beside the one that holds it open")] int Processes,
    [property: Description("commands begun in it since it was made, anew or not")] long Execs,
    [property: Description("calls that work with it now")] int Uses,
    [property: Description("milliseconds since it was last used")] long IdleMs,
    [property: Description("milliseconds since it was made")] long AgeMs,
    [property: Description("bytes of memory; absent where nothing counts them")] long? MemoryBytes = null,
    [property: Description("microseconds of processor time; absent where nothing counts them")] long? CpuUs = null,
    [property: Description("bytes that it has changed; absent where nothing counts them")] long? DiskBytes = null,
    [property: Description("what holds the limits")] string? EnforcedBy = null,
    [property: Description("connections through its proxy that are open; absent without network proxy or bridge")] int? Connections = null,
    [property: Description("what was denied so far; absent without network proxy or bridge")] long? NetworkDenied = null);

/// <summary>Params of <c>sandbox.touch</c>.</summary>
public sealed record SandboxTouchParams(
    [property: Description("name of the session")][property: StringLength(64, MinimumLength = 1)] string Session,
    [property: Description("seconds without use after which it is closed from now on; none leaves them")][property: Range(1, 31536000)] int? TtlSeconds = null);

/// <summary>Result of <c>sandbox.touch</c>.</summary>
public sealed record SandboxTouchResult([property: Description("when it is closed unless it is used, RFC 3339 UTC")] string Expires);

/// <summary>Params of <c>sandbox.events</c>.</summary>
public sealed record SandboxEventsParams(
    [property: Description("one session's alone; none for all of yours")][property: StringLength(64, MinimumLength = 1)] string? Session = null,
    [property: Description("everybody's; takes the right sandbox.list_all as well")] bool All = false);

/// <summary>One item of <c>sandbox.events</c>.</summary>
public sealed record SandboxEvent(
    [property: Description("watching, which comes first; created, restored, paused, resumed, closed, lost, network_changed, network_denied, secret_used; or missed, when you were too slow for some")] string Kind,
    [property: Description("when, RFC 3339 UTC")] string Time,
    [property: Description("the session; absent in watching and missed")] string? Session = null,
    [property: Description("whose it is; with all")] string? Owner = null,
    [property: Description("requested, expired, too_old, revoked, ended, remade, restarted, stopping or what it was lost by; of network_denied destination_denied, port_denied, address_blocked, name_mismatch or tls_failed; of secret_used the name of the secret, that a host got for the first time")] string? Reason = null,
    [property: Description("of network_denied and secret_used: where to, HOST:PORT")] string? Target = null);

/// <summary>Result of <c>sandbox.doctor</c>.</summary>
public sealed record SandboxDoctorResult(
    [property: Description("the engine that makes sandboxes here")] string Engine,
    [property: Description("whether sandboxes can be made at all")] bool Usable,
    [property: Description("each thing that was probed")] IReadOnlyList<SandboxFinding> Findings,
    [property: Description("sessions there are")] int Sessions,
    [property: Description("most sessions there may be")] int MaxSessions);

/// <summary>One thing that was probed.</summary>
public sealed record SandboxFinding(
    [property: Description("a word for it")] string Name,
    [property: Description("whether it is as it should be")] bool Good,
    [property: Description("what was found")] string What,
    [property: Description("what makes it good; absent when there is nothing to do")] string? Remedy = null);
