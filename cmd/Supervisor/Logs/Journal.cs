using System.Buffers;
using System.Globalization;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// journald, where it is there: every kept line goes there as well, with its fields. What it does not take at once is dropped
/// and counted, and the number is told with the next line that it does take. Belongs to the log loop.
/// </summary>
internal sealed class Journal : IDisposable
{
    internal const string Variable = "STRATA_JOURNAL";

    /// <summary>Where journald listens.</summary>
    internal const string DefaultSocket = "/run/systemd/journal/socket";

    private readonly DatagramSender _sender;
    private readonly TimeProvider _time;
    private readonly ArrayBufferWriter<byte> _entry = new();

    /// <summary>Sends to a socket.</summary>
    /// <param name="socket">Its path.</param>
    /// <param name="hasStandardError">Whether the journal gets the supervisor's standard error by itself.</param>
    /// <param name="time">The clock.</param>
    internal Journal(string socket, bool hasStandardError, TimeProvider time) =>
        (_sender, HasStandardError, _time) = (new DatagramSender(socket), hasStandardError, time);

    /// <summary>Whether what the supervisor writes to standard error is in the journal anyway; then nothing goes there twice.</summary>
    internal bool HasStandardError { get; }

    /// <summary>Lines that were dropped and not told yet.</summary>
    internal long Dropped { get; private set; }

    /// <summary>The journal that the settings ask for; null for none.</summary>
    /// <param name="variable">Looks an environment variable up.</param>
    /// <param name="exists">Whether a path is there.</param>
    /// <param name="standardError">What standard error is, as <see cref="StandardError"/> has it.</param>
    /// <param name="time">The clock.</param>
    /// <exception cref="SettingsException">The variable has an unusable value.</exception>
    internal static Journal? From(Func<string, string?> variable, Func<string, bool> exists, string? standardError, TimeProvider time)
    {
        var said = variable(Variable) is { Length: > 0 } value ? value : "auto";
        var socket = said switch
        {
            "off" => null,
            "auto" => exists(DefaultSocket) ? DefaultSocket : null,
            ['/', ..] when System.Text.Encoding.UTF8.GetByteCount(said) <= UnixSocketAddress.MaxPathBytes => said,
            _ => throw new SettingsException($"{Variable} must be auto, off, or the absolute path of journald's socket, not {said}"),
        };
        return socket is null ? null : new Journal(socket, standardError is not null && variable("JOURNAL_STREAM") == standardError, time);
    }

    /// <summary>Device and inode of standard error as JOURNAL_STREAM names them: the variable is inherited also by who writes elsewhere. Null when it is closed.</summary>
    internal static string? StandardError()
    {
        if (FileStatus.TryGet(Echo.StandardError, out var status) < 0)
        {
            return null;
        }

        // makedev(3): twelve bits of the major number between eight and twelve of the minor.
        var (major, minor) = (status.Device >> 32, status.Device & uint.MaxValue);
        var device = ((major & 0xfffff000) << 32) | ((major & 0xfff) << 8) | ((minor & 0xffffff00) << 12) | (minor & 0xff);
        return string.Create(CultureInfo.InvariantCulture, $"{device}:{status.Inode}");
    }

    /// <summary>Sends a line; never waits.</summary>
    internal void Write(LogLine line)
    {
        if (Dropped > 0 && TrySend(Missing(Dropped)))
        {
            Dropped = 0;
        }

        Dropped += TrySend(line) ? 0 : 1;
    }

    public void Dispose() => _sender.Dispose();

    private bool TrySend(LogLine line)
    {
        _entry.ResetWrittenCount();
        JournalEntry.Write(_entry, line);
        return _sender.TrySend(_entry.WrittenSpan) == 0;
    }

    private LogLine Missing(long lines) => new()
    {
        Time = _time.GetUtcNow(), Service = NodePlan.SupervisorName, Source = LogSource.Note, Lost = lines,
        Text = string.Create(CultureInfo.InvariantCulture, $"{lines} lines are missing here: the journal did not take them; strata-ctl logs has them"),
    };
}
