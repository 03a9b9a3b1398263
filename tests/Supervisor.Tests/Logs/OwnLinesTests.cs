using Microsoft.Extensions.Logging.Abstractions;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class OwnLinesTests
{
    [Theory]
    [InlineData(LogLoop.MaxOwnLines, 0)]
    [InlineData(LogLoop.MaxOwnLines + 1, 1)]
    public void Own_lines_wait_up_to_the_limit_and_those_past_it_are_counted(int lines, long lost)
    {
        var free = new TaskCompletionSource();
        var kept = new List<LogLine>();
        using (var loop = new LogLoop(() => free.Task.Wait(TestNode.Deadline), kept.Add, () => { }, _ => { }, TimeProvider.System, NullLogger.Instance))
        {
            for (var i = 0; i < lines; i++)
            {
                loop.Post(new LogMail.Own(DateTimeOffset.UnixEpoch, "x\n"u8.ToArray()));
            }

            free.SetResult();
        }

        Assert.Equal(lost, kept.Sum(l => l.Lost));
        Assert.Equal(LogLoop.MaxOwnLines, kept.Count(l => l.Source != LogSource.Note));
    }
}
