using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>One node: the loop that runs the services, and around it everything that shows and tells. The services go first.</summary>
internal sealed class Node : IDisposable
{
    private static readonly TimeSpan TellTimeout = TimeSpan.FromSeconds(1);

    private readonly NodeSettings _settings;
    private readonly NodeSockets _sockets;
    private readonly ServiceManager _manager;
    private readonly ILogger _log;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly NodeClock _clock;
    private readonly NodeBoard _board;
    private readonly LogCapture _logs;
    private readonly Func<ServiceManifest, Enforcement> _enforcement;
    private readonly Launcher _launcher;
    private readonly Lazy<ConfigurationCommands> _configuration;
    private readonly Reloads _reloads;

    /// <summary>Puts a node together; nothing is started yet.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="plan">What it runs.</param>
    /// <param name="sockets">Its sockets.</param>
    /// <param name="launcher">Starts processes.</param>
    /// <param name="manager">Who started the supervisor.</param>
    /// <param name="log">Its log.</param>
    /// <param name="read">Reads the configuration anew.</param>
    /// <param name="heritage">What earlier supervisors left; null (default) for nothing.</param>
    /// <param name="recorder">Keeps the record for later ones; null (default) for none.</param>
    internal Node(
        NodeSettings settings, NodePlan plan, NodeSockets sockets, Launcher launcher, ServiceManager manager, ILogger log, Func<CheckedConfiguration> read, Heritage? heritage = null, Recorder? recorder = null)
    {
        (_settings, _sockets, _manager, _log, _logs, _enforcement) = (settings, sockets, manager, log, launcher.Logs, launcher.EnforcementOf);
        _launcher = launcher;
        _clock = new NodeClock(_time);
        _board = new NodeBoard(NodeSnapshot.Of(NodeMachine.Create(plan, (ulong)_time.GetTimestamp(), _clock.Now)).Counting(heritage?.Restarts ?? []) with { Origin = (heritage?.Generation ?? 1, heritage?.Refused) });
        Registry = new RegistryMirror(_board, settings, _time, log);
        _reloads = new Reloads(cancellation => _configuration!.Value.ApplyAsync(cancellation), manager, _time, log);
        _configuration = new Lazy<ConfigurationCommands>(() => new ConfigurationCommands(_board, Loop!, _clock, read, log));
        Loop = new NodeLoop(_board, _clock, sockets.Notify, launcher, Registry)
        {
            BeatInterval = () => manager.BeatInterval(_board.Current.State.ShuttingDown), OnBeat = () => manager.Beat(_board.Current.State.ShuttingDown), Heritage = heritage, Recorder = recorder, Runs = new RunMemory(settings, log),
        };
    }

    /// <summary>The loop, for whoever ends the node.</summary>
    internal NodeLoop Loop { get; }

    /// <summary>What keeps the registry right.</summary>
    internal RegistryMirror Registry { get; }

    /// <summary>The node as published.</summary>
    internal NodeBoard Board => _board;

    /// <summary>Runs until everything has stopped.</summary>
    /// <returns>Services whose process survived every kill.</returns>
    /// <exception cref="Exception">A fault of the supervisor; the services have been killed.</exception>
    internal async Task<ImmutableArray<string>> RunAsync()
    {
        Loop.Start();
        try
        {
            return await TellAndServeAsync().ConfigureAwait(false);
        }
        catch
        {
            Loop.Hurry("a fault of the supervisor");
            await ((Task)Loop.Ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }
    }

    /// <summary>Reads the configuration again and applies it, beside everything else; the log and the service manager are told the outcome.</summary>
    internal void Reload() => _reloads.Ask();

    public void Dispose()
    {
        _configuration.Value.Dispose();
        Loop.Dispose();
    }

    // A process that was denied something and has ended since is found among the latest events.
    private static string? OwnerOf(NodeState node, int pid) => node.Services.Values.FirstOrDefault(s => s.Pid == pid)?.Name
        ?? node.Log.Read(1).Records.LastOrDefault(r => r.Pid == pid)?.Service;

    private async Task<ImmutableArray<string>> TellAndServeAsync()
    {
        using var stopping = new CancellationTokenSource();
        _log.Node(_settings.NodeId, _settings.RuntimeDir, Environment.ProcessId);
        var audit = new AuditLog(_settings, NodePlan.SupervisorName, _time, _log);
        await using (audit.ConfigureAwait(false))
        {
            audit.SealBy(new IdentitySealer(_settings, NodePlan.SupervisorName));
            _launcher.Denials.OnNews = (service, what, count, pid) => audit.Note(new AuditRecord("confinement.denied", "denied") { Resource = service, Reason = what, Count = count, Pid = pid });
            using var denials = new DenialWatch(_launcher.Denials, pid => OwnerOf(_board.Current.State, pid));
            var environment = new ServiceEnvironment(NodePlan.SupervisorName, _settings, _log, audit, _time, Environment.GetEnvironmentVariable);
            var identity = environment.CreateFeed();
            identity.Revoked += () => _launcher.Capabilities.RenewEnded(identity.Verifier);
            var telling = Begin("telling", new Narrator(_board, _log, audit, _manager).RunAsync);
            var following = Task.WhenAll(Begin("registration", Registry.RunAsync), Begin("following identity", identity.RunAsync), Begin("withdrawing capabilities", _launcher.Capabilities.RunAsync));
            var commands = new ServiceCommands(_board, Loop, _time, audit);
            var methods = new MethodTable(
                NodePlan.SupervisorName,
                [
                    .. SupervisorMethods.All(_board, _clock, _settings.NodeId, commands, _enforcement, _launcher.Denials, () => _configuration.Value.Last),
                    .. ConfigurationMethods.All(_configuration.Value, audit), UpgradeMethods.Declare(_board, Loop, audit), new AuthorityView(_board, _settings, _launcher).Method, LogMethods.Declare(_logs.Book, _board), environment.Metrics.Method,
                ]);
            // Its own descriptor: the socket outlives the server when another program takes our place.
            var listener = Linux.UnixListener.Adopt(Linux.FileDescriptor.Duplicate(_sockets.Own.Handle.Number), _sockets.Own.Path!);
            var server = new SocketServer(listener, methods, environment.CreateAuthorizer(identity), new ServerEvents(_log), _time, metrics: environment.Metrics);
            await using (server.ConfigureAwait(false))
            {
                server.Start();
                await (await Task.WhenAny(Loop.Ended, server.Failure).ConfigureAwait(false)).ConfigureAwait(false);
                await server.StopAsync().ConfigureAwait(false);
            }

            // What is still to be told is worth a moment, but a terminal that takes nothing must not keep the node from ending.
            await telling.WaitAsync(Loop.Successor is null ? TellTimeout : TimeSpan.Zero, _time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await stopping.CancelAsync().ConfigureAwait(false);
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (Loop.Successor is null)
            {
                audit.SealBy(null); // Identity has ended with the node.
            }

            return await Loop.Ended.ConfigureAwait(false);

            Task Begin(string name, Func<CancellationToken, Task> work) =>
                Task.Run(() => EnduringWork.RunAsync(name, work, _time, _log, stopping.Token), CancellationToken.None);
        }
    }
}
