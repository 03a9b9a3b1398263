namespace Strata.Sandbox;

/// <summary>The sandbox service's own stable reason codes, beside those of denials; <c>docs/sandbox.md</c> lists them.</summary>
internal static class SandboxReasons
{
    internal const string SessionNotFound = "session_not_found";
    internal const string SessionPaused = "session_paused";
    internal const string SessionBusy = "session_busy";
    internal const string SessionLost = "session_lost";
    internal const string SandboxUnavailable = "sandbox_unavailable";
    internal const string WorkspacesUnavailable = "workspaces_unavailable";
}
