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
    internal const string PlaceMissing = "place_missing";
    internal const string NotFound = "not_found";
    internal const string KeptOut = "kept_out";
    internal const string LinkRefused = "link_refused";
    internal const string FileAccess = "file_access";
    internal const string ReadOnly = "read_only";
    internal const string IsDirectory = "is_directory";
    internal const string NotDirectory = "not_directory";
    internal const string NotRegularFile = "not_regular_file";
    internal const string NameTooLong = "name_too_long";
    internal const string InvalidChange = "invalid_change";
    internal const string DescriptorsExhausted = "descriptors_exhausted";
    internal const string DiskFull = "disk_full";
    internal const string FileTooLarge = "file_too_large";
    internal const string TooManyLinks = "too_many_links";
    internal const string CrossDevice = "cross_device";
    internal const string Exists = "exists";
    internal const string NotEmpty = "not_empty";
    internal const string Busy = "busy";
    internal const string Unsettled = "path_unsettled";
    internal const string FileSystem = "file_system";
    internal const string NoSuchHandle = "no_such_handle";
    internal const string UploadsExhausted = "uploads_exhausted";
    internal const string OffsetMismatch = "offset_mismatch";
    internal const string SizeMismatch = "size_mismatch";
    internal const string WatchesExhausted = "watches_exhausted";
    internal const string ArchiveRefused = "archive_refused";
    internal const string ArchiveTooLarge = "archive_too_large";
    internal const string ArchivesExhausted = "archives_exhausted";
    internal const string WorkspaceNotFound = "workspace_not_found";
    internal const string WorkspaceBusy = "workspace_busy";
    internal const string WorkspaceFull = "workspace_full";
    internal const string WorkspacesExhausted = "workspaces_exhausted";
    internal const string InvalidName = "invalid_name";
    internal const string SnapshotNotFound = "snapshot_not_found";
    internal const string SnapshotExists = "snapshot_exists";
    internal const string SnapshotsExhausted = "snapshots_exhausted";
    internal const string SnapshotTooLarge = "snapshot_too_large";
    internal const string MemorySnapshots = "memory_snapshots";
}
