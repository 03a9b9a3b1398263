using System.ComponentModel;
using System.ComponentModel.DataAnnotations;

namespace Strata.Contracts;

/// <summary>Result of <c>supervisor.status</c>.</summary>
public sealed record NodeStatus(
    [property: Description("name of the node")] string NodeId,
    [property: Description("whole seconds since the supervisor started")] long UptimeSec,
    [property: Description("starting, running, degraded or stopping")] string? State = null,
    [property: Description("version of the supervisor")] string? Version = null,
    [property: Description("number of the configuration in force, from 1 since the supervisor started")] int? ConfigGeneration = null,
    [property: Description("how the last attempt to apply one ended: applied, unchanged or refused; absent before the first")] string? ConfigOutcome = null,
    [property: Description("when that was, RFC 3339 UTC")] string? ConfigTime = null,
    [property: Description("counts the supervisors that took over from one another, from 1")] int? SupervisorGeneration = null,
    [property: Description("why the last upgrade failed, so that this supervisor went on; absent otherwise")] string? UpgradeRefused = null);

/// <summary>Params of <c>supervisor.upgrade</c>.</summary>
public sealed record UpgradeParams(
    [property: Description("absolute path of the program that takes the supervisor's place; by default the supervisor's own, as it lies on disk now")][property: StringLength(4095, MinimumLength = 1)] string? Binary = null);

/// <summary>One service as the supervisor sees it.</summary>
public sealed record ServiceStatus(
    [property: Description("name")] string Name,
    [property: Description("Declared, Starting, Healthy, Stopping, Crashed, Restarting, Stopped, Quarantined, Completed, Waiting or Listening")] string State,
    [property: Description("process id; 0 when none runs")] int Pid,
    [property: Description("times it was started again after a crash")] int? Restarts = null,
    [property: Description("milliseconds in this state")] long? SinceMs = null,
    [property: Description("milliseconds its last start took to become ready")] long? ReadyMs = null,
    [property: Description("cause of the last crash, in words")] string? LastCrash = null,
    [property: Description("why it is Stopped, Quarantined, Completed, Waiting or Listening, in words; absent in the other states")] string? Why = null,
    [property: Description("what enforces its limits: cgroup2, cgroup1, rlimit or none")] string? EnforcedBy = null,
    [property: Description("milliseconds until a timer runs; absent when it does not wait for its time")] long? NextRunMs = null,
    [property: Description("times of a timer that passed without a run since the supervisor started; absent when there is none")] long? Skipped = null,
    [property: Description("what the kernel keeps it from, in words; none for nothing")] string? Confinement = null,
    [property: Description("what its confinement lacks because this machine does not offer it; absent when all is in force")] IReadOnlyList<string>? NotEnforced = null,
    [property: Description("what the kernel denied it since the supervisor started; absent when nothing, and where denials are not seen")] IReadOnlyList<DeniedCount>? Denied = null);

/// <summary>How often something was denied to a service.</summary>
public sealed record DeniedCount(
    [property: Description("seccomp:CALL for a system call, limits.memory for processes killed for memory, limits.pids for processes refused, others")] string What,
    [property: Description("how often")] long Count);

/// <summary>Result of <c>supervisor.svc.list</c>.</summary>
public sealed record ServiceList(
    [property: Description("every service, in start order")] IReadOnlyList<ServiceStatus> Services,
    [property: Description("why denied system calls are not seen here; absent when they are")] string? DenialsUnseen = null);

/// <summary>Params of <c>supervisor.svc.start</c>, <c>svc.explain</c>.</summary>
public sealed record ServiceParams([property: Description("name of the service")][property: StringLength(64, MinimumLength = 1)] string Name);

/// <summary>Params of <c>supervisor.svc.stop</c>.</summary>
public sealed record StopParams(
    [property: Description("name of the service")][property: StringLength(64, MinimumLength = 1)] string Name,
    [property: Description("milliseconds to finish what is in progress before it is killed")][property: Range(0, 60000)] int DrainMs = 2000);

/// <summary>Params of <c>supervisor.svc.restart</c>.</summary>
public sealed record RestartParams(
    [property: Description("name of the service")][property: StringLength(64, MinimumLength = 1)] string Name,
    [property: Description("milliseconds to finish what is in progress before it is killed")][property: Range(0, 60000)] int DrainMs = 2000,
    [property: Description("true to start the new instance first, and end the old one only when the new one is ready")] bool Rolling = false);

/// <summary>Result of <c>supervisor.svc.explain</c>.</summary>
public sealed record ServiceExplanation(
    [property: Description("name")] string Name,
    [property: Description("state")] string State,
    [property: Description("milliseconds in this state")] long SinceMs,
    [property: Description("why it is in this state, in words")] string Why,
    [property: Description("what happens next, in words; absent when nothing will")] string? Next = null,
    [property: Description("milliseconds until then")] long? NextInMs = null,
    [property: Description("services it waits for")] IReadOnlyList<string>? WaitingFor = null,
    [property: Description("cause of the last crash, in words")] string? LastCrash = null,
    [property: Description("crashes within the quarantine window")] int? CrashesInWindow = null,
    [property: Description("what an operator can do, in words")] string? Advice = null);

/// <summary>One service and what it stands on, as <c>supervisor.graph</c> shows it.</summary>
public sealed record GraphService(
    [property: Description("name")] string Name,
    [property: Description("state")] string State,
    [property: Description("services that must be Healthy before it is started")] IReadOnlyList<string> Requires,
    [property: Description("services of this node that it waits for while they come up")] IReadOnlyList<string> Wants,
    [property: Description("services it waits for now")] IReadOnlyList<string>? WaitingFor = null,
    [property: Description("what it is for, as its manifest says")] string? Description = null,
    [property: Description("milliseconds from the node's start to that of the process that first became ready")] long? StartedMs = null,
    [property: Description("milliseconds from the node's start to when it first became ready")] long? ReadyMs = null);

/// <summary>Result of <c>supervisor.graph</c>.</summary>
public sealed record ServiceGraph([property: Description("every service, in start order")] IReadOnlyList<GraphService> Services);

/// <summary>Params of <c>supervisor.events</c>.</summary>
public sealed record EventsParams(
    [property: Description("number of the first event wanted; 0 for all that are kept, none for new ones only")][property: Range(0, 9e15)] long? FromSeq = null,
    [property: Description("true for an item `caught_up` where the kept events end")] bool Mark = false);

/// <summary>One item of <c>supervisor.events</c>.</summary>
public sealed record SupervisorEvent(
    [property: Description("sequence number, without holes")] long Seq,
    [property: Description("when, RFC 3339 UTC")] string Time,
    [property: Description("e.g. svc.start, svc.healthy, svc.crash, svc.stop, svc.completed, svc.waiting, svc.quarantine, svc.taken_over; gap when events were dropped, reset when their numbers begin anew, caught_up where the kept ones end")] string Event,
    [property: Description("service")] string? Service = null,
    [property: Description("state after it")] string? State = null,
    [property: Description("cause, in words")] string? Cause = null,
    [property: Description("what happens next, in words")] string? Next = null,
    [property: Description("milliseconds until then")] long? NextInMs = null,
    [property: Description("process id")] int? Pid = null,
    [property: Description("kind of a crash: exit_code, signal, watchdog_missed, ready_timeout, spawn_failed, ...")] string? Crash = null,
    [property: Description("exit code of the process that crashed")] int? ExitCode = null,
    [property: Description("signal that ended the process")] int? Signal = null,
    [property: Description("events dropped before a gap's end")] long? Missed = null,
    [property: Description("instance of the service, counted from 1")] int? Incarnation = null,
    [property: Description("all of it in a sentence")] string? Summary = null);
