using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class LoopTests : IDisposable
{
    private readonly DirectoryInfo _dir = Directory.CreateTempSubdirectory("svt");
    private readonly SpawnThread _thread = new();
    private NodeSockets? _sockets;
    private LogCapture? _logs;

    [Fact]
    public void One_command_more_than_may_wait_is_refused()
    {
        // Never started, so that whatever is sent waits.
        using var loop = CreateLoop([], new Registrar(() => { }), out _);
        for (var i = 0; i < NodeLoop.MaxWaitingCommands; i++)
        {
            Assert.NotNull(loop.TrySend(new NodeEvent.Start("nobody")));
        }

        Assert.Null(loop.TrySend(new NodeEvent.Start("nobody")));
    }

    [Fact]
    public async Task A_fault_of_the_loop_kills_the_services_before_it_is_told()
    {
        var faulty = new Registrar(() => throw new InvalidOperationException("the fault"));
        using var loop = CreateLoop([TestNode.Stub(NodePlan.RegistryName)], faulty, out var board);
        loop.Start();
        var fault = await Assert.ThrowsAsync<InvalidOperationException>(() => loop.Ended.WaitAsync(TestNode.Deadline));
        Assert.Equal("the fault", fault.Message);
        Processes.AwaitEnd([board.Current.State.Services[NodePlan.RegistryName].Pid!.Value], TestNode.Deadline);
    }

    public void Dispose()
    {
        _sockets?.Dispose();
        _thread.Dispose();
        _logs?.Dispose();
        _dir.Delete(recursive: true);
    }

    private NodeLoop CreateLoop(ServiceManifest[] manifests, Registrar registrar, out NodeBoard board)
    {
        Assert.True(NodePlan.TryCreate(manifests, out var plan, out _));
        var settings = NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? _dir.FullName : null);
        var sockets = _sockets = NodeSockets.Bind(settings, plan);
        var clock = new NodeClock(TimeProvider.System);
        board = new NodeBoard(NodeSnapshot.Of(NodeMachine.Create(plan, 1, clock.Now)));
        var environment = new ChildEnvironment(ChildEnvironment.Ambient(), settings, sockets.Notify.Path, [], Environment.ProcessId);
        _logs = new LogCapture(settings, _ => { }, TimeProvider.System, NullLogger.Instance);
        var programs = manifests.ToDictionary(m => m.Name, _ => StubService.Program);
        var capabilities = new CapabilityKeeper(settings, new RenewalPlan(TimeSpan.FromHours(1)), new IdentityIssuer(settings, TimeProvider.System), TimeProvider.System, NullLogger.Instance);
        return new NodeLoop(board, clock, sockets.Notify, new Launcher(_thread, programs, sockets, environment, _logs, capabilities), registrar);
    }

    private sealed class Registrar(Action refresh) : IRegistrar
    {
        public void Refresh() => refresh();
    }
}
