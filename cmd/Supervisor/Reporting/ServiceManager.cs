using System.Globalization;
using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>What the supervisor tells whoever started it (for example systemd), by the sd_notify protocol. Never makes the caller wait.</summary>
internal sealed class ServiceManager
{
    private readonly Func<string, bool> _send;
    private int _beating;

    private ServiceManager(TimeSpan? watchdog, Func<string, bool> send) => (BeatInterval, _send) = (watchdog / 3, send);

    /// <summary>How often it wants a sign of life; null for never.</summary>
    internal TimeSpan? BeatInterval { get; }

    internal static ServiceManager From(Func<string, string?> variable, int ownPid, Func<string, bool>? send = null)
    {
        var forUs = variable("WATCHDOG_PID") is not { Length: > 0 } pid || pid == ownPid.ToString(CultureInfo.InvariantCulture);
        var given = long.TryParse(variable("WATCHDOG_USEC"), NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds);
        return new ServiceManager(forUs && given && microseconds > 0 ? TimeSpan.FromMicroseconds(microseconds) : null, send ?? SdNotify.Send);
    }

    /// <summary>Sends an announcement; may wait up to the sender's bound.</summary>
    internal void Announce(string message)
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

    /// <summary>Sends a sign of life, from another thread.</summary>
    internal void Beat()
    {
        if (BeatInterval is not null && Interlocked.Exchange(ref _beating, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static manager =>
                {
                    manager.Announce("WATCHDOG=1");
                    Volatile.Write(ref manager._beating, 0);
                },
                this,
                preferLocal: false);
        }
    }
}
