namespace Strata.Fs;

/// <summary>The file service's own stable reason codes, beside those of denials; <c>docs/fs.md</c> lists them.</summary>
internal static class FsReasons
{
    internal const string NotFound = "not_found";
    internal const string NoSuchHandle = "no_such_handle";
    internal const string PrefixMissing = "prefix_missing";
    internal const string IsDirectory = "is_directory";
    internal const string NotDirectory = "not_directory";
    internal const string NotRegularFile = "not_regular_file";
    internal const string FileAccess = "file_access";
    internal const string KeptOut = "kept_out";
    internal const string LinkRefused = "link_refused";
    internal const string NameTooLong = "name_too_long";
    internal const string InvalidCursor = "invalid_cursor";
    internal const string HandlesExhausted = "handles_exhausted";
    internal const string DescriptorsExhausted = "descriptors_exhausted";
    internal const string Unsettled = "path_unsettled";
    internal const string NoDataYet = "no_data_yet";
    internal const string FileSystem = "file_system";
    internal const string PrefixItself = "prefix_itself";
    internal const string HandleMode = "handle_mode";
    internal const string Exists = "exists";
    internal const string NotEmpty = "not_empty";
    internal const string Busy = "busy";
    internal const string CrossDevice = "cross_device";
    internal const string InvalidChange = "invalid_change";
    internal const string ReadOnly = "read_only";
    internal const string DiskFull = "disk_full";
    internal const string FileTooLarge = "file_too_large";
    internal const string TooManyLinks = "too_many_links";
    internal const string MaxBytes = "max_bytes";
    internal const string QuotaBytes = "quota_bytes";
    internal const string QuotasExhausted = "quotas_exhausted";
    internal const string QuotaUnrecorded = "quota_unrecorded";
    internal const string Changed = "changed";
    internal const string OffsetMismatch = "offset_mismatch";
    internal const string SizeMismatch = "size_mismatch";
    internal const string HashMismatch = "hash_mismatch";
    internal const string WatchesExhausted = "watches_exhausted";
    internal const string DescriptorRefused = "descriptor_refused";
    internal const string Stopping = "stopping";
}
