using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox;

/// <summary>The methods for sessions themselves.</summary>
internal sealed partial class SandboxService
{
    private const string Create = "sandbox.create";

    private static readonly ErrorCode[] OfOneSession = [ErrorCode.NotFound, ErrorCode.Conflict, ErrorCode.Unavailable];

    private IReadOnlyList<Method> SessionMethods =>
    [
        new UnaryMethod<SandboxCreateParams, SandboxCreateResult>(
            Create, "Gives a session: the one of this name that you have, or a new one.",
            Access.Right(Create), () => ContractsJson.Default.SandboxCreateParams, () => ContractsJson.Default.SandboxCreateResult,
            SandboxCalls.Answer<SandboxCreateParams, SandboxCreateResult>(_calls.CreateAsync))
        {
            Blocking = true,
            Errors = [ErrorCode.InvalidArgument, ErrorCode.PermissionDenied, ErrorCode.NotFound, ErrorCode.Conflict, ErrorCode.Unavailable, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<SandboxSessionParams, SandboxInfo>(
            "sandbox.get", "Tells what a session is.",
            Access.Right(Create), () => ContractsJson.Default.SandboxSessionParams, () => ContractsJson.Default.SandboxInfo,
            SandboxCalls.Answer<SandboxSessionParams, SandboxInfo>((p, call) => _calls.Get(p, call)))
        {
            Errors = [ErrorCode.NotFound],
        },
        new UnaryMethod<SandboxListParams, SandboxList>(
            "sandbox.list", "Lists your sessions, or with a right of its own everybody's, a page at a time.",
            Access.Right(Create), () => ContractsJson.Default.SandboxListParams, () => ContractsJson.Default.SandboxList,
            SandboxCalls.Answer<SandboxListParams, SandboxList>((p, call) => _calls.List(p, call)))
        {
            FurtherRights = [SessionCalls.ListAll],
            Further = p => SessionCalls.FurtherOf(p.All),
            Errors = [ErrorCode.PermissionDenied],
        },
        new UnaryMethod<SandboxSessionParams, SandboxStats>(
            "sandbox.stats", "Tells what a session uses now.",
            Access.Right(Create), () => ContractsJson.Default.SandboxSessionParams, () => ContractsJson.Default.SandboxStats,
            SandboxCalls.Answer<SandboxSessionParams, SandboxStats>((p, call) => _calls.Stats(p, call)))
        {
            Blocking = true,
            Errors = OfOneSession,
        },
        new UnaryMethod<SandboxTouchParams, SandboxTouchResult>(
            "sandbox.touch", "Has a session's time without use begin anew, and says how long that is.",
            Access.Right(Create), () => ContractsJson.Default.SandboxTouchParams, () => ContractsJson.Default.SandboxTouchResult,
            SandboxCalls.Answer<SandboxTouchParams, SandboxTouchResult>(_calls.TouchAsync))
        {
            Blocking = true,
            Errors = [ErrorCode.InvalidArgument, .. OfOneSession],
        },
        .. LifeMethods,
    ];

    private IReadOnlyList<Method> LifeMethods =>
    [
        new UnaryMethod<SandboxSessionParams, StatusResult>(
            "sandbox.pause", "Stops every process of a session where it is.",
            Access.Right(Create), () => ContractsJson.Default.SandboxSessionParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxSessionParams, StatusResult>(_calls.PauseAsync))
        {
            Blocking = true,
            Errors = OfOneSession,
        },
        new UnaryMethod<SandboxSessionParams, StatusResult>(
            "sandbox.resume", "Lets the processes of a paused session go on.",
            Access.Right(Create), () => ContractsJson.Default.SandboxSessionParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxSessionParams, StatusResult>(_calls.ResumeAsync))
        {
            Blocking = true,
            Errors = OfOneSession,
        },
        new UnaryMethod<SandboxSessionParams, StatusResult>(
            "sandbox.close", "Ends a session and removes all of it but its workspace.",
            Access.Right(Create), () => ContractsJson.Default.SandboxSessionParams, () => ContractsJson.Default.StatusResult,
            SandboxCalls.Answer<SandboxSessionParams, StatusResult>(_calls.CloseAsync))
        {
            Blocking = true,
            Errors = [ErrorCode.NotFound],
        },
        new StreamMethod<SandboxEventsParams, SandboxEvent>(
            "sandbox.events", "Tells what becomes of your sessions, or with a right of its own of everybody's, as it happens.",
            Access.Right(Create), () => ContractsJson.Default.SandboxEventsParams, () => ContractsJson.Default.SandboxEvent,
            SandboxCalls.AnswerStream<SandboxEventsParams, SandboxEvent>((p, call) => new(_calls.Events(p, call))))
        {
            Further = p => SessionCalls.FurtherOf(p.All),
            FurtherRights = [SessionCalls.ListAll],
            Errors = [ErrorCode.PermissionDenied, ErrorCode.ResourceExhausted],
        },
        new UnaryMethod<NoParams, SandboxDoctorResult>(
            "sandbox.doctor", "Says what this machine can and cannot do for sandboxes, and what to do about the rest.",
            Access.HolderOrAuthority, () => ContractsJson.Default.NoParams, () => ContractsJson.Default.SandboxDoctorResult, (_, _) => _calls.DoctorAsync())
        {
            Blocking = true,
        },
    ];
}
