using Strata.StrataCtl.CommandLine;
using Strata.StrataCtl.Connection;

namespace Strata.StrataCtl.Commands;

/// <summary>Goes on with sending something when the connection broke off on the way.</summary>
internal static class Resending
{
    /// <summary>How often it is tried.</summary>
    public const int MaxAttempts = 5;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Runs what asks how far it is and sends the rest, and runs it again when it broke off, a little later each time.</summary>
    /// <param name="session">For its clock.</param>
    /// <param name="attempt">What sends.</param>
    /// <param name="brokeOff">Whether the same may succeed when it goes on.</param>
    /// <param name="cancellation">Ends it.</param>
    public static async Task<T> RunAsync<T>(Session session, Func<Task<T>> attempt, Func<CallFailure, bool> brokeOff, CancellationToken cancellation)
    {
        for (var count = 1; ; count++)
        {
            try
            {
                return await attempt().ConfigureAwait(false);
            }
            catch (CallFailedException e) when (count < MaxAttempts && brokeOff(e.Failure))
            {
                await Task.Delay(Pause * count, session.Around.Time, cancellation).ConfigureAwait(false);
            }
        }
    }
}
