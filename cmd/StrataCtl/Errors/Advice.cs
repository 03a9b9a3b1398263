using Strata.Ipc;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Errors;

/// <summary>What a person can do about a failed call. Pure: the same failure gives the same advice.</summary>
internal static class Advice
{
    /// <summary>Advice, the most useful first; empty when the message says it all.</summary>
    public static IReadOnlyList<string> For(CallFailure failure) => failure switch
    {
        { Answered: false, Error.Reason: "deadline_exceeded" } =>
            [$"strata-ctl svc explain {failure.Service} tells whether it runs: callers of a stopped service wait; if it does, allow more time with --timeout 60s"],
        { Answered: false } => Unreachable(failure),
        { Service: "sandbox" } when SandboxAdvice.For(failure) is { } advice => advice,
        { Error.Code: ErrorCode.InvalidArgument } => [$"strata-ctl describe {failure.Method} shows its params"],
        { Error.Code: ErrorCode.Unauthenticated } => Unauthenticated(failure),
        { Error.Code: ErrorCode.PermissionDenied } => PermissionAdvice.For(failure),
        { Error.Code: ErrorCode.NotFound } => NotFound(failure),
        { Error.Code: ErrorCode.Internal } => [$"the log of {failure.Service} tells more: look for {failure.Method} at this time"],
        { Error.Code: ErrorCode.Unavailable } => Unavailable(failure),
        { Error.Code: ErrorCode.ResourceExhausted } => Exhausted(failure),
        { Error.Code: ErrorCode.Conflict, Service: "supervisor", Resource: { } name } => [$"strata-ctl svc explain {name} shows its state and what happens next"],
        _ => [],
    };

    private static string[] Unreachable(CallFailure failure) =>
    [
        $"socket: {failure.Socket}",
        failure.Error.Reason == "may_not_connect"
            ? $"run as root or as the user of the node, or let this user enter {Path.GetDirectoryName(failure.Socket)}"
            : failure.Service == "supervisor" && failure.HasUnit
            ? $"is the node running? start it with {InstalledUnit.Start}; {InstalledUnit.Log} tells why it does not run"
            : failure.Service == "supervisor"
            ? "is the node running? start it with ./run.sh"
            : $"is the node running? strata-ctl svc explain {failure.Service} tells why {failure.Service} does not run",
        $"another node: --runtime-dir DIR or {SocketResolver.RuntimeDirectoryVariable}",
        "strata-ctl doctor checks all of it",
    ];

    private static string[] Unauthenticated(CallFailure failure) => (failure.HadToken, failure.Error.Reason) switch
    {
        (false, _) =>
        [
            $"give a token: --token TOKEN, --token-file FILE, {TokenSource.Variable} or {TokenSource.FileVariable}",
            $"issue one: {PermissionAdvice.IssueLine(failure)}",
        ],
        (true, "not_yet_valid") => ["the clocks of this machine disagree with the token; strata-ctl doctor checks the clock"],
        (true, "proof_missing") => [$"sign with the key that the token is bound to: --holder-key FILE or {HolderKeySource.Variable}", "strata-ctl token show prints its public half as holder_key"],
        (true, "proof_invalid") => ["the token is bound to another key, which strata-ctl token show prints as holder_key; name its file with --holder-key"],
        (true, "proof_replayed") => ["call again: each call is signed anew; if it persists, strata-ctl doctor checks the clock"],
        (true, "already_used") => [$"it was for one call; issue another: {PermissionAdvice.IssueLine(failure)}"],
        (true, "expired") => [$"issue a new one: {PermissionAdvice.IssueLine(failure)}"],
        _ => ["strata-ctl token show tells what is wrong with the token", $"issue a new one: {PermissionAdvice.IssueLine(failure)}"],
    };

    private static string[] NotFound(CallFailure failure) => failure.Service switch
    {
        "supervisor" => ["strata-ctl svc list shows the services"],
        "registry" => ["strata-ctl registry list shows what is registered"],
        "fs" => ["strata-ctl fs ls DIR shows what is there"],
        "identity" => ["a capability is named by its cap_id; strata-ctl token show TOKEN prints it"],
        _ => [],
    };

    private static string[] Unavailable(CallFailure failure) => failure.Error.Reason switch
    {
        "verifier_stale" or "use_unavailable" => ["strata-ctl svc explain identity tells whether identity runs"],
        "audit_unavailable" or "storage_failed" => ["make room on the disk with the state dir, or make it writable; strata-ctl doctor checks it"],
        // Only the supervisor's calls are about a service; elsewhere the resource is a path or a capability.
        _ => [$"try again shortly; strata-ctl svc explain {(failure.Service == "supervisor" ? failure.Resource : null) ?? failure.Service} tells what it waits for"],
    };

    private static string[] Exhausted(CallFailure failure) => failure.Error.Reason switch
    {
        "rate_limited" => ["wait a moment, or issue a capability with a higher --rate"],
        "response_too_large" => ["ask for less at a time"],
        "quota_exceeded" => ["close open handles, or wait until they expire"],
        _ => [],
    };
}
