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
    internal const string NoShell = "no_shell";
    internal const string NoDirectory = "no_directory";
    internal const string ProgramNotFound = "program_not_found";
    internal const string ProgramRefused = "program_refused";
    internal const string ProcessesExhausted = "processes_exhausted";
    internal const string TooManyExecs = "too_many_execs";
    internal const string TooManyJobs = "too_many_jobs";
    internal const string JobNotFound = "job_not_found";
    internal const string JobExists = "job_exists";
    internal const string InputClosed = "input_closed";
    internal const string CommandNotAllowed = "command_not_allowed";
    internal const string ImageStoreFull = "image_store_full";
    internal const string ImageInUse = "image_in_use";
    internal const string ImageBuiltIn = "image_built_in";
    internal const string BadImageName = "bad_image_name";
    internal const string RegistryDenied = "registry_denied";
    internal const string RegistryFailed = "registry_failed";
    internal const string ImageRefused = "image_refused";
    internal const string TooManyTransfers = "too_many_transfers";
    internal const string UploadNotFound = "upload_not_found";
}
