using Microsoft.Extensions.Logging;

namespace Strata.Identity;

/// <summary>Every event that identity logs, with its fixed id.</summary>
internal static partial class IdentityLog
{
    [LoggerMessage(101, LogLevel.Information, "keys {v2} (v2) and {v4} (v4), {revoked} revocations, {verifiers} verifiers awaited", EventName = "identity_loaded")]
    internal static partial void Loaded(this ILogger log, string v2, string v4, int revoked, int verifiers);

    [LoggerMessage(102, LogLevel.Warning, "{path} ended in an unfinished record of a crash, which was never acknowledged; it was cut", EventName = "torn_record_cut")]
    internal static partial void TornRecordCut(this ILogger log, string path);

    [LoggerMessage(103, LogLevel.Error, "revocations cannot be stored: {reason}", EventName = "revocations_not_stored")]
    internal static partial void NotStored(this ILogger log, string reason);

    [LoggerMessage(104, LogLevel.Warning, "revocations could not be compacted: {reason}", EventName = "compaction_failed")]
    internal static partial void CompactionFailed(this ILogger log, string reason);

    [LoggerMessage(105, LogLevel.Warning, "revocation {capId} is in force but not confirmed by: {verifiers}", EventName = "revocation_pending")]
    internal static partial void RevocationPending(this ILogger log, string capId, string verifiers);

    [LoggerMessage(107, LogLevel.Warning, "the account of issued capabilities could not be written: {reason}", EventName = "issued_not_stored")]
    internal static partial void IssuedNotStored(this ILogger log, string reason);

    [LoggerMessage(108, LogLevel.Warning, "the last {bytes} bytes of the account of issued capabilities were unfinished or damaged and were cut; the capabilities stay valid", EventName = "issued_cut")]
    internal static partial void IssuedCut(this ILogger log, long bytes);

    [LoggerMessage(109, LogLevel.Error, "the uses of capabilities for one call cannot be stored: {reason}", EventName = "uses_not_stored")]
    internal static partial void UsesNotStored(this ILogger log, string reason);

    [LoggerMessage(106, LogLevel.Warning, "the register of verifiers could not be written: {reason}", EventName = "verifiers_not_stored")]
    internal static partial void VerifiersNotStored(this ILogger log, string reason);

    [LoggerMessage(109, LogLevel.Warning, "the keys could not be stored, which is tried again: {reason}", EventName = "keys_not_stored")]
    internal static partial void KeysNotStored(this ILogger log, string reason);

    [LoggerMessage(110, LogLevel.Warning, "new keys sign, not confirmed by: {verifiers}; they deny by themselves if they have not heard of them", EventName = "rotation_pending")]
    internal static partial void RotationPending(this ILogger log, string verifiers);

    [LoggerMessage(111, LogLevel.Warning, "identity.pub could not be written and still holds the key before: {reason}", EventName = "public_key_not_published")]
    internal static partial void PublicKeyNotPublished(this ILogger log, string reason);
}
