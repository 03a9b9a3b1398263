using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>The revocation log on disk, or the log of uses, whose records are the same. Whoever holds it holds the directory's lock; not for several threads at once.</summary>
internal sealed class RevocationLog : IDisposable
{
    internal const string FileName = "revocations";

    /// <summary>Largest file read at start, in bytes: twice the live entries with the longest ids fit.</summary>
    internal const long MaxFileBytes = 64 * 1024 * 1024;

    /// <summary>Records beyond twice the live ones before the file is rewritten.</summary>
    internal const int SpareRecords = 1024;

    private readonly IdentityDirectory _directory;
    private readonly CapabilityLogKind _kind;
    private AppendOnlyFile? _file;

    private RevocationLog(IdentityDirectory directory, CapabilityLogKind kind) => (_directory, _kind) = (directory, kind);

    /// <summary>Records in the file, expired ones included.</summary>
    internal int Records { get; private set; }

    /// <summary>The rules that were in the file when it was opened and are still of use.</summary>
    internal IReadOnlyList<RevocationRule> LoadedRules { get; private init; } = [];

    /// <summary>Reads the log and opens it for appending; makes an empty one for a new node.</summary>
    /// <param name="directory">Where it is.</param>
    /// <param name="isNewNode">Whether nothing was ever served from this directory, so that a missing log may be made.</param>
    /// <param name="now">Entries that expired before it, with the largest clock skew, are left out.</param>
    /// <param name="log">Told of what a crash left behind.</param>
    /// <param name="kind">Null means that of revocations.</param>
    /// <exception cref="SettingsException">The file is damaged or foreign: identity does not start and nothing is forgotten.</exception>
    internal static (RevocationLog Log, IReadOnlyList<RevokedCapability> Live) Open(
        IdentityDirectory directory, bool isNewNode, DateTimeOffset now, ILogger log, CapabilityLogKind? kind = null)
    {
        kind ??= CapabilityLogKind.Revocations;
        var path = Path.Combine(directory.Path, kind.FileName);
        var content = new RevocationLogContent([], [], false, null);
        var file = directory.TryRead(kind.FileName, MaxFileBytes);
        if (file is not null)
        {
            content = RevocationRecords.Parse(file, kind);
        }
        else if (!isNewNode)
        {
            content = content with { Fault = "is missing" };
        }

        if (content.Fault is { } fault)
        {
            throw new SettingsException($"{path} {fault}; restore it from a backup. Without it {kind.Consequence}, so identity does not start");
        }

        IReadOnlyList<RevokedCapability> live =
            [.. content.Entries.Where(e => now - ClockSkew.Max <= e.ExpiresAt).DistinctBy(e => e.CapabilityId)];
        if (content.IsTorn)
        {
            log.TornRecordCut(path);
        }

        var opened = new RevocationLog(directory, kind)
        {
            Records = content.Entries.Count + content.Rules.Count,
            LoadedRules = [.. content.Rules.Where(r => now - ClockSkew.Max <= r.ExpiresAt)],
        };
        if (file is null || content.IsTorn || opened.WantsRewrite(live.Count + opened.LoadedRules.Count))
        {
            opened.Rewrite(live, opened.LoadedRules);
        }
        else
        {
            opened._file = AppendOnlyFile.Open(directory.Handle, kind.FileName, IdentityDirectory.FileMode);
        }

        return (opened, live);
    }

    /// <summary>Whether so much of the file is spent that it should be rewritten.</summary>
    internal bool WantsRewrite(int liveCount) => Records > (2L * liveCount) + SpareRecords;

    /// <summary>Appends records, all or none, and returns when they are on disk.</summary>
    /// <param name="added">The new records.</param>
    /// <param name="live">All acknowledged entries, asked for only to replace a file that failed earlier.</param>
    /// <param name="rules">The new rules.</param>
    /// <param name="liveRules">All acknowledged rules, asked for with the entries.</param>
    /// <exception cref="LinuxException">None of the records counts.</exception>
    internal void Append(
        IReadOnlyCollection<RevokedCapability> added,
        Func<IReadOnlyCollection<RevokedCapability>> live,
        IReadOnlyCollection<RevocationRule>? rules = null,
        Func<IReadOnlyCollection<RevocationRule>>? liveRules = null)
    {
        if (_file is null)
        {
            Rewrite(live(), liveRules?.Invoke());
        }

        try
        {
            _file!.Append(RevocationRecords.Encode(added, rules));
            _file.Sync();
            Records += added.Count + (rules?.Count ?? 0);
        }
        catch (LinuxException e) when (e.Errno is Errno.ENOSPC or Errno.EDQUOT && e.Syscall == "write")
        {
            // Nothing of it is in the file, and the file is as good as before.
            throw;
        }
        catch (LinuxException)
        {
            // What the disk holds is unknown now. The next append begins with a new file of what was acknowledged.
            Close();
            throw;
        }
    }

    /// <summary>Replaces the file by the live entries, in one step.</summary>
    /// <exception cref="LinuxException">The next append tries again.</exception>
    internal void Rewrite(IReadOnlyCollection<RevokedCapability> live, IReadOnlyCollection<RevocationRule>? rules = null)
    {
        Close();
        _directory.Replace(_kind.FileName, RevocationRecords.EncodeFile(live, rules, _kind));
        _file = AppendOnlyFile.Open(_directory.Handle, _kind.FileName, IdentityDirectory.FileMode);
        Records = live.Count + (rules?.Count ?? 0);
    }

    public void Dispose() => Close();

    private void Close()
    {
        _file?.Dispose();
        _file = null;
    }
}
