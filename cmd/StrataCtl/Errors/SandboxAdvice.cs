using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Errors;

/// <summary>Advice for calls of the sandbox service: its messages speak of methods, a person types commands.</summary>
internal static class SandboxAdvice
{
    /// <summary>The rights that a person means who wants to use sandboxes.</summary>
    public static readonly string[] UsualRights = ["sandbox.create", "sandbox.exec", "sandbox.shell", "sandbox.read", "sandbox.write"];

    private const string Doctor = "strata-ctl sandbox doctor tells what this machine lacks, and what to do";

    /// <summary>What a refusal's reason calls for; null where the reason is none of this service's own, empty where its message says it all.</summary>
    public static string[]? For(CallFailure failure) => failure.Error.Reason switch
    {
        "session_not_found" => ["strata-ctl sandbox ps shows your sessions", "strata-ctl sandbox create NAME makes one"],
        "no_shell" => [$"strata-ctl sandbox exec {failure.Resource} --stateless 'CMD' takes the image's sh; with -- PROGRAM ARGS no shell is needed"],
        "session_paused" => [$"strata-ctl sandbox resume {failure.Resource ?? "NAME"} lets it go on"],
        "session_lost" => [$"strata-ctl sandbox close {failure.Resource}, then create it anew"],
        "too_many_sessions" => ["strata-ctl sandbox ps shows yours; strata-ctl sandbox close NAME makes room"],
        "job_not_found" => [$"strata-ctl sandbox jobs {failure.Resource ?? "NAME"} shows those there are"],
        "image_not_found" => ["strata-ctl sandbox image ls shows those there are, beside host, this machine's own /usr", "strata-ctl sandbox image pull REGISTRY/REPOSITORY:TAG fetches one"],
        "image_in_use" => ["strata-ctl sandbox ps and strata-ctl sandbox snapshots show what has it"],
        "workspace_not_found" => ["strata-ctl workspace ls shows yours", "strata-ctl workspace create NAME makes one"],
        "workspace_busy" => ["strata-ctl sandbox ps shows which session has it; --shared-workspace lets several that say so have it"],
        "snapshot_not_found" => ["strata-ctl sandbox snapshots shows yours"],
        "snapshot_exists" => ["strata-ctl sandbox snapshot --delete NAME removes one"],
        "exists" when failure.Method == "sandbox.upload" => ["--force replaces it"],
        "not_empty" => ["strata-ctl sandbox rm -r removes it with all in it"],
        "network_not_proxy" when failure.Method == "sandbox.network" => ["strata-ctl sandbox create NAME --network proxy --allow HOST"],
        "network_unavailable" => ["--network proxy --allow HOST reaches hosts by name, on every machine"],
        "sandbox_unavailable" or "limits_unavailable" => [Doctor],
        _ => null,
    };

    /// <summary>Why a capability that has the right does not do: it has bounds, or the refusal is about something else than the capability.</summary>
    public static string[]? ForDenied(string? reason) => reason switch
    {
        "image_denied" or "limit_denied" or "network_denied" or "domain_denied" or "command_not_allowed" or "destination_not_allowed" => ["strata-ctl token show shows what the capability allows"],
        "file_access" or "kept_out" or "link_refused" or "read_only" or "program_refused" or "registry_denied" => [],
        _ => null,
    };

    /// <summary>The right that a method takes; several share one.</summary>
    public static string RightOf(string method) => "sandbox." + method["sandbox.".Length..] switch
    {
        "get" or "list" or "stats" or "touch" or "pause" or "resume" or "close" or "events" or "network" or "doctor" => "create",
        "start" or "jobs" or "attach" or "stdin" or "signal" or "wait" => "exec",
        "shell_resize" => "shell",
        "list_files" or "stat" or "download" or "archive_out" or "watch" => "read",
        "mkdir" or "move" or "delete" or "upload" or "upload_write" or "upload_commit" or "upload_discard" or "archive_in" => "write",
        "snapshots" or "snapshot_delete" or "fork" or "restore" => "snapshot",
        "workspace_create" or "workspace_list" or "workspace_delete" => "workspace",
        "connect" => "expose",
        "image_list" or "image_inspect" => "image",
        "image_pull" or "image_import" or "image_upload" or "image_delete" or "image_prune" or "image_validate" => "image_manage",
        var own => own,
    };
}
