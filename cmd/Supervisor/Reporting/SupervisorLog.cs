using Microsoft.Extensions.Logging;

namespace Strata.Supervisor;

/// <summary>Every event that the supervisor logs, with its fixed id.</summary>
internal static partial class SupervisorLog
{
    [LoggerMessage(100, LogLevel.Information, "node {node} in {runtimeDir}, pid {pid}", EventName = "node")]
    internal static partial void Node(this ILogger log, string node, string runtimeDir, int pid);

    [LoggerMessage(101, LogLevel.Information, "node: {cause}", EventName = "node_changed")]
    internal static partial void NodeChanged(this ILogger log, string cause);

    [LoggerMessage(102, LogLevel.Information, "service {name} Healthy after {readyMs} ms, pid {pid}", EventName = "svc_healthy")]
    internal static partial void Healthy(this ILogger log, string name, long readyMs, int? pid);

    [LoggerMessage(103, LogLevel.Information, "service {name} {state}: {cause}", EventName = "svc_changed")]
    internal static partial void Changed(this ILogger log, string name, string state, string cause);

    [LoggerMessage(104, LogLevel.Warning, "service {name} (pid {pid}) {state}: {cause}; next: {next}", EventName = "svc_trouble")]
    internal static partial void Trouble(this ILogger log, string name, int? pid, string state, string cause, string next);

    [LoggerMessage(105, LogLevel.Warning, "{count} events came faster than they could be logged", EventName = "events_missed")]
    internal static partial void EventsMissed(this ILogger log, long count);

    [LoggerMessage(106, LogLevel.Information, "all services Healthy after {readyMs} ms", EventName = "node_ready")]
    internal static partial void NodeReady(this ILogger log, long readyMs);

    [LoggerMessage(107, LogLevel.Warning, "lost the registry: {reason}; services stay registered as soon as it answers", EventName = "registry_lost")]
    internal static partial void RegistryLost(this ILogger log, string reason);

    [LoggerMessage(108, LogLevel.Warning, "cannot register {name}: {reason}", EventName = "registration_failed")]
    internal static partial void RegistrationFailed(this ILogger log, string name, string reason);

    [LoggerMessage(109, LogLevel.Information, "{restored} registrations put back", EventName = "registrations_restored")]
    internal static partial void RegistrationsRestored(this ILogger log, int restored);

    [LoggerMessage(110, LogLevel.Error, "left behind, for no kill ended them: {services}", EventName = "abandoned")]
    internal static partial void Abandoned(this ILogger log, string services);

    [LoggerMessage(111, LogLevel.Critical, "the supervisor ended by a fault; its services were killed", EventName = "fault")]
    internal static partial void SupervisorFault(this ILogger log, Exception exception);

    [LoggerMessage(112, LogLevel.Error, "{method} failed, req_id {reqId}", EventName = "handler_fault")]
    internal static partial void HandlerFaulted(this ILogger log, string method, string reqId, Exception exception);

    [LoggerMessage(113, LogLevel.Warning, "connection of pid {pid} uid {uid} dropped: {reason}", EventName = "connection_dropped")]
    internal static partial void Dropped(this ILogger log, int pid, uint uid, string reason);

    [LoggerMessage(114, LogLevel.Warning, "no descriptor left: connections are closed unanswered; raise the limit of open files", EventName = "descriptors_exhausted")]
    internal static partial void NoDescriptors(this ILogger log);

    [LoggerMessage(115, LogLevel.Information, "{signal}", EventName = "signal")]
    internal static partial void Signalled(this ILogger log, string signal);

    [LoggerMessage(117, LogLevel.Warning, "{variable}: {fault}; move it beneath directories of root or of this user", EventName = "untrusted_place")]
    internal static partial void UntrustedPlace(this ILogger log, string variable, string fault);

    [LoggerMessage(140, LogLevel.Warning, "the capabilities of {name} could not be renewed: {reason}; those it holds end in {leftSeconds} s; tried again until then and after", EventName = "capabilities_not_renewed")]
    internal static partial void CapabilitiesNotRenewed(this ILogger log, string name, string reason, long leftSeconds);

    [LoggerMessage(141, LogLevel.Information, "the capabilities of {name} are renewed", EventName = "capabilities_renewed")]
    internal static partial void CapabilitiesRenewedAtLast(this ILogger log, string name);

    [LoggerMessage(144, LogLevel.Information, "the capabilities of {name} were revoked with a key or a time, and are issued anew", EventName = "capabilities_ended")]
    internal static partial void CapabilitiesEnded(this ILogger log, string name);

    [LoggerMessage(142, LogLevel.Warning, "capabilities of services that have ended are not revoked yet: {reason}; tried again", EventName = "revocations_wait")]
    internal static partial void RevocationsWait(this ILogger log, string reason);

    [LoggerMessage(143, LogLevel.Warning, "the capability file of {name} could not be removed: {reason}", EventName = "capability_file_stays")]
    internal static partial void CapabilityFileStays(this ILogger log, string name, string reason);

    [LoggerMessage(118, LogLevel.Information, "configuration {generation} {outcome}: {services} services concerned", EventName = "config_applied")]
    internal static partial void ConfigurationApplied(this ILogger log, int generation, string outcome, int services);

    [LoggerMessage(119, LogLevel.Error, "{fault}", EventName = "config_fault")]
    internal static partial void ConfigurationFault(this ILogger log, string fault);

    [LoggerMessage(120, LogLevel.Error, "{faults} faults in the configuration; configuration {generation} stays in force", EventName = "config_refused")]
    internal static partial void ConfigurationRefused(this ILogger log, int faults, int generation);

    [LoggerMessage(121, LogLevel.Error, "the configuration was not applied: {reason}", EventName = "config_not_applied")]
    internal static partial void ConfigurationNotApplied(this ILogger log, string reason);

    [LoggerMessage(122, LogLevel.Warning, "cannot keep when timers ran: {reason}; a time that is missed while the supervisor is down may not be made up for", EventName = "timer_memory")]
    internal static partial void RunsNotKept(this ILogger log, string reason);

    [LoggerMessage(123, LogLevel.Information, "the state was brought forward {step}", EventName = "state_migrated")]
    internal static partial void StateBroughtForward(this ILogger log, string step);

    [LoggerMessage(116, LogLevel.Error, "{work} failed and is begun again", EventName = "work_fault")]
    internal static partial void WorkFault(this ILogger log, string work, Exception exception);
}
