using System.Globalization;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>What a service tells whoever started it, by the sd_notify protocol; says nothing when nobody listens.</summary>
internal sealed class SupervisorLink
{
    private int _beating;

    private SupervisorLink(TimeSpan watchdogInterval) => WatchdogInterval = watchdogInterval;

    /// <summary>How long the supervisor waits for a sign of life; zero when it does not.</summary>
    internal TimeSpan WatchdogInterval { get; }

    internal static SupervisorLink FromEnvironment()
    {
        var given = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        return new(long.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var microseconds)
            ? TimeSpan.FromMicroseconds(microseconds)
            : TimeSpan.Zero);
    }

    /// <summary>Sends an announcement; a supervisor that is gone is not this service's fault.</summary>
    internal static void Announce(string message)
    {
        try
        {
            SdNotify.Send(message);
        }
        catch (LinuxException)
        {
            // Whoever asked to be told has died or hangs; the parent-death signal settles the first case.
        }
    }

    /// <summary>Sends a sign of life without making the caller wait for the supervisor.</summary>
    internal void Beat()
    {
        if (Interlocked.Exchange(ref _beating, 1) == 0)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                static link =>
                {
                    Announce("WATCHDOG=1");
                    Volatile.Write(ref link._beating, 0);
                },
                this,
                preferLocal: false);
        }
    }
}
