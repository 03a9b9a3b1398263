using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class CommandBoundTests
{
    [Fact]
    public void One_command_more_than_may_wait_is_refused()
    {
        var dir = Directory.CreateTempSubdirectory("svt");
        try
        {
            using var notify = NotifySocket.Bind(Path.Combine(dir.FullName, "n"));
            using var thread = new SpawnThread();
            Assert.True(NodePlan.TryCreate([], out var plan, out _));
            var settings = NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? dir.FullName : null);
            using var sockets = NodeSockets.Bind(settings, plan);
            var clock = new NodeClock(TimeProvider.System);
            var board = new NodeBoard(NodeSnapshot.Of(NodeMachine.Create(plan, 1, clock.Now)));
            var environment = new ChildEnvironment(new Dictionary<string, string>(), settings, notify.Path, [], 1);

            // Never started, so that whatever is sent waits.
            using var loop = new NodeLoop(board, clock, notify, new Launcher(thread, new Dictionary<string, string>(), sockets, environment), new NoRegistrar());
            for (var i = 0; i < NodeLoop.MaxWaitingCommands; i++)
            {
                Assert.NotNull(loop.TrySend(new NodeEvent.Start("nobody")));
            }

            Assert.Null(loop.TrySend(new NodeEvent.Start("nobody")));
        }
        finally
        {
            dir.Delete(recursive: true);
        }
    }

    private sealed class NoRegistrar : IRegistrar
    {
        public void Refresh()
        {
        }
    }
}
