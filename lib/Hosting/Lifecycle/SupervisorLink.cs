using System.Globalization;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>What a service tells whoever started it, by the sd_notify protocol; says nothing when nobody listens.</summary>
internal sealed class SupervisorLink
{
    private static readonly TimeSpan ReadinessPause = TimeSpan.FromMilliseconds(250);

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
    /// <returns>Whether nobody asked to be told, or it was told.</returns>
    internal static bool Announce(string message)
    {
        try
        {
            SdNotify.Send(message);
            return true;
        }
        catch (LinuxException)
        {
            return false; // Whoever asked to be told has died or hangs.
        }
    }

    /// <summary>Announces readiness, again and again until it is heard: a supervisor that has died is followed by one that asks for it.</summary>
    internal static async Task AnnounceReadinessAsync(TimeProvider time, CancellationToken cancellation)
    {
        while (!Announce("READY=1") && !cancellation.IsCancellationRequested)
        {
            await Task.Delay(ReadinessPause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
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
                    // It beats since it is ready: one who took over meanwhile may have missed the word.
                    _ = Announce("READY=1\nWATCHDOG=1");
                    Volatile.Write(ref link._beating, 0);
                },
                this,
                preferLocal: false);
        }
    }
}
