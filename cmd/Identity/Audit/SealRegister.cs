using System.Globalization;
using System.Text;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <summary>
/// Remembers, on disk, the newest sealed record of each audit log, so that a log that was cut or written anew is noticed.
/// One line a log: <c>SERVICE SEQ HASH TIME</c>.
/// </summary>
internal sealed class SealRegister
{
    /// <summary>Most logs remembered; a node has far fewer services.</summary>
    internal const int MaxLogs = 1024;

    internal const string FileName = "audit-seals";
    private const int MaxFileBytes = MaxLogs * 256;

    private readonly IdentityDirectory _directory;
    private readonly SortedDictionary<string, SealedLog> _logs;

    private SealRegister(IdentityDirectory directory, SortedDictionary<string, SealedLog> logs) => (_directory, _logs) = (directory, logs);

    /// <summary>What is remembered, in order of names.</summary>
    internal IReadOnlyList<SealedLog> Logs => [.. _logs.Values];

    /// <summary>Reads the register.</summary>
    /// <exception cref="SettingsException">It is damaged.</exception>
    internal static SealRegister Open(IdentityDirectory directory)
    {
        var logs = new SortedDictionary<string, SealedLog>(StringComparer.Ordinal);
        var text = Encoding.UTF8.GetString(directory.TryRead(FileName, MaxFileBytes) ?? []);
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var log = Parse(line) ?? throw new SettingsException(
                $"{Path.Combine(directory.Path, FileName)} is damaged; restore it from a backup. Without it audit logs that were cut short are not noticed");
            logs[log.Service] = log;
        }

        return new SealRegister(directory, logs);
    }

    /// <summary>Whether a log with this end still contains what was sealed of it, as far as can be told.</summary>
    internal bool Continues(string service, AuditHead head) =>
        !_logs.TryGetValue(service, out var known) || head.Seq > known.Seq || (head.Seq == known.Seq && head.Hash == known.Hash);

    /// <summary>Whether there is room for another log.</summary>
    internal bool HasRoomFor(string service) => _logs.ContainsKey(service) || _logs.Count < MaxLogs;

    /// <summary>Remembers, durably before it returns.</summary>
    /// <exception cref="LinuxException">It could not be stored; the old state stands.</exception>
    internal void Remember(SealedLog log)
    {
        var had = _logs.TryGetValue(log.Service, out var before);
        _logs[log.Service] = log;
        try
        {
            _directory.Replace(FileName, Encoding.UTF8.GetBytes(string.Concat(_logs.Values.Select(l =>
                string.Create(CultureInfo.InvariantCulture, $"{l.Service} {l.Seq} {l.Hash} {l.Time}\n")))));
        }
        catch
        {
            _ = had ? _logs[log.Service] = before! : _logs.Remove(log.Service) ? null : before;
            throw;
        }
    }

    private static SealedLog? Parse(string line) =>
        line.Split(' ') is [{ Length: > 0 } service, var seq, { Length: AuditHead.HashDigits } hash, { Length: > 0 } time]
        && long.TryParse(seq, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? new SealedLog(service, number, hash, time)
            : null;
}
