using System.Globalization;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>
/// What the supervisor tells whoever started it (for example systemd), by the sd_notify protocol. Never makes the loop wait. It has patience asked of it for as
/// long as the node comes up or goes down, which its own deadlines bound: the unit's timeouts count only for a supervisor that hangs.
/// </summary>
internal sealed class ServiceManager
{
    /// <summary>How much longer than its own timeouts the service manager is asked to wait, each time it is asked.</summary>
    internal static readonly TimeSpan Extension = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan ExtendInterval = TimeSpan.FromSeconds(15);

    private readonly Lock _telling = new();
    private readonly Func<string, bool> _send;
    private readonly TimeProvider _time;
    private readonly TimeSpan? _watchdog;
    private readonly bool _listens;
    private string _node = "";
    private string? _configuration;
    private string _told = "";
    private long? _lastBeat;
    private int _beating;
    private bool _isReady;

    private ServiceManager(bool listens, TimeSpan? watchdog, Func<string, bool> send, TimeProvider time) => (_listens, _watchdog, _send, _time) = (listens, watchdog, send, time);

    /// <summary>Whether readiness has been announced.</summary>
    internal bool IsReady => Volatile.Read(ref _isReady);

    private string Line => _configuration is null ? _node : $"{_node}; {_configuration}";

    /// <summary>As the environment tells.</summary>
    /// <param name="variable">Looks a variable up.</param>
    /// <param name="ownPid">This process's.</param>
    /// <param name="send">Sends a message; null (default) to the socket of the environment.</param>
    /// <param name="time">The clock; null (default) for the system's.</param>
    internal static ServiceManager From(Func<string, string?> variable, int ownPid, Func<string, bool>? send = null, TimeProvider? time = null)
    {
        var forUs = variable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == ownPid.ToString(CultureInfo.InvariantCulture);
        var given = long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds);
        var watchdog = forUs && given && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds) : (TimeSpan?)null;
        return new ServiceManager(variable(SdNotify.Variable) is { Length: > 0 }, watchdog, send ?? SdNotify.Send, time ?? TimeProvider.System);
    }

    /// <summary>How often the loop must come round for its beats to be in time; null for never.</summary>
    /// <param name="isStopping">Whether the node is on its way down.</param>
    internal TimeSpan? BeatInterval(bool isStopping)
    {
        TimeSpan? patience = AsksForPatience(isStopping) ? ExtendInterval : null;
        return _watchdog / 3 is { } alive && !(patience < alive) ? alive : patience;
    }

    /// <summary>Tells how the node is, when that is news; may wait up to the sender's bound, as all but <see cref="Beat"/> may.</summary>
    /// <param name="text">A line for people.</param>
    internal void Status(string text)
    {
        lock (_telling)
        {
            _node = text;
            if (_told != Line)
            {
                Announce($"STATUS={_told = Line}");
            }
        }
    }

    /// <summary>The node serves.</summary>
    /// <param name="text">How it is, for people.</param>
    internal void Ready(string text)
    {
        lock (_telling)
        {
            _node = text;
            Volatile.Write(ref _isReady, true);
            Announce($"READY=1\nSTATUS={_told = Line}");
        }
    }

    /// <summary>The node is on its way down.</summary>
    /// <param name="because">Why, for people.</param>
    internal void Stopping(string because)
    {
        lock (_telling)
        {
            Announce($"STOPPING=1\nSTATUS={_told = $"stopping: {because}"}");
        }
    }

    /// <summary>The configuration is about to be read again. A node that is not ready yet does not say so: whoever hears of a reload waits for readiness.</summary>
    internal void Reloading()
    {
        lock (_telling)
        {
            if (IsReady)
            {
                // By the clock of the kernel that is monotonic, the service manager tells this answer from one to an earlier wish.
                var microseconds = (long)_time.GetElapsedTime(0).TotalMicroseconds;
                Announce(string.Create(CultureInfo.InvariantCulture, $"RELOADING=1\nMONOTONIC_USEC={microseconds}\nSTATUS={_told = "applying the configuration"}"));
            }
        }
    }

    /// <summary>The configuration was applied, or refused.</summary>
    /// <param name="outcome">Which, for people.</param>
    internal void Reloaded(string outcome)
    {
        lock (_telling)
        {
            _configuration = outcome;
            if (IsReady)
            {
                Announce($"READY=1\nSTATUS={_told = Line}");
            }
        }
    }

    /// <summary>A sign of life and, while the node comes up or goes down, a wish for patience; sent from another thread, and not more often than is of use.</summary>
    /// <param name="isStopping">Whether the node is on its way down.</param>
    internal void Beat(bool isStopping)
    {
        if (BeatInterval(isStopping) is not { } interval || (_lastBeat is { } last && _time.GetElapsedTime(last) < interval / 2) || Interlocked.Exchange(ref _beating, 1) != 0)
        {
            return;
        }

        _lastBeat = _time.GetTimestamp();
        var alive = _watchdog is null ? "" : "WATCHDOG=1\n";
        var patience = AsksForPatience(isStopping) ? string.Create(CultureInfo.InvariantCulture, $"EXTEND_TIMEOUT_USEC={(long)Extension.TotalMicroseconds}\n") : "";
        ThreadPool.UnsafeQueueUserWorkItem(
            static beat =>
            {
                beat.Manager.Announce(beat.Message);
                Volatile.Write(ref beat.Manager._beating, 0);
            },
            (Manager: this, Message: (alive + patience).TrimEnd('\n')),
            preferLocal: false);
    }

    private bool AsksForPatience(bool isStopping) => _listens && (isStopping || !IsReady);

    private void Announce(string message)
    {
        try
        {
            _send(message);
        }
        catch (Exception e) when (e is LinuxException or ArgumentException)
        {
            // Whoever asked to be told is gone or hangs; the node runs on.
        }
    }
}
