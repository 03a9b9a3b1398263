namespace Strata.Sandbox;

/// <summary>The sandbox service's own stable reason codes, beside those of denials; <c>docs/sandbox.md</c> lists them.</summary>
internal static class SandboxReasons
{
    internal const string SessionNotFound = "session_not_found";
    internal const string SessionPaused = "session_paused";
    internal const string SessionBusy = "session_busy";
    internal const string SessionLost = "session_lost";
    internal const string SandboxUnavailable = "sandbox_unavailable";
    internal const string LimitsUnavailable = "limits_unavailable";
    internal const string WorkspacesUnavailable = "workspaces_unavailable";
    internal const string NetworkUnavailable = "network_unavailable";
    internal const string ImageNotFound = "image_not_found";
    internal const string TooManySessions = "too_many_sessions";
    internal const string MaxSessions = "max_sessions";
    internal const string TooManyWatchers = "too_many_watchers";
    internal const string ImageDenied = "image_denied";
    internal const string NetworkDenied = "network_denied";
    internal const string LimitDenied = "limit_denied";
    internal const string StateUnwritable = "state_unwritable";
}
