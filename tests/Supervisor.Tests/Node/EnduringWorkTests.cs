using System.Text;
using Strata.Hosting;

namespace Strata.Supervisor.Tests;

public sealed class EnduringWorkTests
{
    [Fact]
    public async Task Work_that_fails_is_logged_and_begun_again()
    {
        var output = new MemoryStream();
        var attempts = 0;
        await EnduringWork.RunAsync(
            "telling",
            _ => ++attempts == 1 ? throw new InvalidOperationException("the cause") : Task.CompletedTask,
            new ImpatientTime(),
            new LogfmtLogger("supervisor", output, TimeProvider.System),
            CancellationToken.None);
        Assert.Equal(2, attempts);
        Assert.Contains("the cause", Encoding.UTF8.GetString(output.ToArray()), StringComparison.Ordinal);
    }

    /// <summary>A clock whose timers fire at once.</summary>
    private sealed class ImpatientTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, period);
    }
}
