using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// Runs a service from start to end: settings, log, socket from the supervisor or bound by itself, readiness, watchdog,
/// drain on SIGTERM or SIGINT. Every service's <c>Program</c> is one call of <c>RunAsync</c>.
/// </summary>
public static class ServiceHost
{
    /// <summary>Exit code when the environment does not allow a start.</summary>
    public const int ExitUnusable = 78;

    /// <summary>Exit code after a fault.</summary>
    public const int ExitFault = 70;

    private const int SocketMode = 0x1B6; // 0666: whether a caller may do anything is decided by capability, not by reach.

    /// <summary>
    /// Runs a service that is nothing but its methods. Capabilities are checked before a handler runs, and the service is ready, and accepts calls,
    /// once it knows the keys and revocations to check them by.
    /// </summary>
    /// <param name="name">Name of the service: the part of its methods' names before the dot.</param>
    /// <param name="methods">What it does.</param>
    /// <returns>The process's exit code.</returns>
    public static Task<int> RunAsync(string name, params IReadOnlyList<Method> methods) => RunAsync(name, environment =>
    {
        var identity = environment.CreateFeed();
        return new ServiceSetup(methods, environment.CreateAuthorizer(identity)) { Background = [identity.RunAsync], ReadyWhen = identity.FirstSnapshot };
    });

    /// <summary>Runs until told to stop.</summary>
    /// <param name="name">Name of the service, e.g. <c>fs</c>.</param>
    /// <param name="build">Makes the service.</param>
    /// <returns>The process's exit code.</returns>
    public static async Task<int> RunAsync(string name, Func<ServiceEnvironment, ServiceSetup> build)
    {
        var log = new LogfmtLogger(name, Console.OpenStandardError(), TimeProvider.System);
        try
        {
            var settings = NodeSettings.FromEnvironment();
            if (settings.SupervisorPid is null)
            {
                // A supervisor has seen to it before it starts anybody.
                StateDirectory.ClaimAlone(settings.StateDir);
            }

            var audit = new AuditLog(settings, name, TimeProvider.System, log);
            await using (audit.ConfigureAwait(false))
            {
                audit.SealBy(new IdentitySealer(settings, name));
                return await ServeAsync(new ServiceEnvironment(name, settings, log, audit, TimeProvider.System, Environment.GetEnvironmentVariable), build).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is SettingsException or SignatureProviderException or ArgumentException or UnauthorizedAccessException or IOException)
        {
            await Console.Error.WriteLineAsync($"{name}: {e.Message}").ConfigureAwait(false);
            return ExitUnusable;
        }
    }

    private static async Task<int> ServeAsync(ServiceEnvironment environment, Func<ServiceEnvironment, ServiceSetup> build)
    {
        using var stopping = new CancellationTokenSource();
        var signal = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var onTerm = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Catch);
        using var onInt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Catch);

        var setup = build(environment);
        var link = SupervisorLink.FromEnvironment();
        var options = setup.Server with { HeartbeatInterval = link.WatchdogInterval / 3 };
        var server = new SocketServer(
            OpenListener(environment), new MethodTable(environment.Name, [.. setup.Methods, environment.Metrics.Method]), setup.Authorizer,
            new ServerEvents(environment.Log, link), environment.Time, options, environment.Metrics);
        await using (server.ConfigureAwait(false))
        {
            var background = setup.Background.Select(work => Task.Run(() => work(stopping.Token))).ToArray();
            var ended = await RunUntilStoppedAsync(setup, server, background, signal.Task, environment, stopping.Token).ConfigureAwait(false);
            _ = SupervisorLink.Announce("STOPPING=1");
            await server.StopAsync().ConfigureAwait(false);
            await stopping.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (setup.OnStopped is { } onStopped)
            {
                await onStopped().ConfigureAwait(false);
            }

            environment.Log.Stopped();
            return ended;
        }

        void Catch(PosixSignalContext context)
        {
            context.Cancel = true;
            signal.TrySetResult(context.Signal.ToString());
        }
    }

    private static async Task<int> RunUntilStoppedAsync(
        ServiceSetup setup, SocketServer server, Task[] background, Task<string> signal, ServiceEnvironment environment, CancellationToken stopping)
    {
        try
        {
            var faults = background.Select(OnlyFault).ToArray();
            var ready = setup.ReadyWhen;
            var first = await Task.WhenAny([ready, signal, .. faults]).ConfigureAwait(false);
            await first.ConfigureAwait(false);
            if (first == ready)
            {
                // Callers who came earlier wait in the backlog rather than be told that the service is not ready.
                server.Start();
                environment.Log.Listening(environment.Settings.SocketOf(environment.Name));
                _ = SupervisorLink.AnnounceReadinessAsync(environment.Time, stopping);
                await (await Task.WhenAny([signal, server.Failure, .. faults]).ConfigureAwait(false)).ConfigureAwait(false);
            }

            environment.Log.Stopping(signal.IsCompletedSuccessfully ? await signal.ConfigureAwait(false) : "fault");
            return signal.IsCompletedSuccessfully ? 0 : ExitFault;
        }
#pragma warning disable CA1031 // The fault is logged and ends the service with its own exit code.
        catch (Exception e)
#pragma warning restore CA1031
        {
            environment.Log.Fault(e);
            return ExitFault;
        }
    }

    /// <summary>Completes only when the work faults; work that simply ends is no reason to stop.</summary>
    private static async Task OnlyFault(Task work)
    {
        await work.ConfigureAwait(false);
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System).ConfigureAwait(false);
    }

    private static UnixListener OpenListener(ServiceEnvironment environment)
    {
        if (InheritedDescriptors.From(environment.Name, environment.Variable).Socket is { } socket)
        {
            return UnixListener.Adopt(socket);
        }

        Directory.CreateDirectory(environment.Settings.RuntimeDir);
        return UnixListener.Bind(environment.Settings.SocketOf(environment.Name), SocketMode, replaceExisting: true);
    }

    private sealed class ServerEvents(ILogger log, SupervisorLink link) : IServerEvents
    {
        public void HandlerFaulted(CallContext call, Exception exception) => log.HandlerFault(call.Method.Name, call.ReqId, exception);

        public void ConnectionDropped(Peer peer, string reason) => log.ConnectionDropped(peer.Pid, peer.Uid, reason);

        public void DescriptorsExhausted() => log.DescriptorsExhausted();

        public void Heartbeat() => link.Beat();
    }
}
