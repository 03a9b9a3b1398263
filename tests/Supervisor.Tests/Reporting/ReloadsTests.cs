using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Supervisor.Tests;

public sealed class ReloadsTests
{
    private readonly ConcurrentQueue<string> _sent = new();

    [Fact]
    public async Task Wishes_that_come_during_an_attempt_are_answered_by_one_more()
    {
        var attempts = new ConcurrentQueue<TaskCompletionSource<Reply<ConfigChange>>>();
        var reloads = new Reloads(
            _ =>
            {
                var attempt = new TaskCompletionSource<Reply<ConfigChange>>(TaskCreationOptions.RunContinuationsAsynchronously);
                attempts.Enqueue(attempt);
                return attempt.Task;
            },
            Ready(), TimeProvider.System, NullLogger.Instance);

        reloads.Ask();
        await Patience.UntilAsync(() => attempts.Count == 1);
        for (var i = 0; i < 100; i++)
        {
            reloads.Ask();
        }

        attempts.First().SetResult(RpcError.Unavailable("the node is shutting down", "shutting_down"));
        await Patience.UntilAsync(() => attempts.Count == 2);
        attempts.Last().SetResult(RpcError.Unavailable("the node is shutting down", "shutting_down"));
        await Patience.UntilAsync(() => _sent.Count == 5);
        Assert.Equal(["READY=1", "RELOADING=1", "READY=1", "RELOADING=1", "READY=1"], _sent.Select(message => message.Split('\n')[0]));
        Assert.EndsWith("STATUS=good; the configuration was not applied: the node is shutting down", _sent.Last(), StringComparison.Ordinal);

        reloads.Ask();
        await Patience.UntilAsync(() => attempts.Count == 3);
    }

    private ServiceManager Ready()
    {
        var manager = ServiceManager.From(name => name == "NOTIFY_SOCKET" ? "/run/notify" : null, 7, message =>
        {
            _sent.Enqueue(message);
            return true;
        });
        manager.Ready("good");
        return manager;
    }
}
