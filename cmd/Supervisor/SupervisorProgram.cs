using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The supervisor from start to end: settings, lock, sockets, the node, and an exit code for whatever ends it.</summary>
internal static class SupervisorProgram
{
    internal const int ExitAlreadyRuns = 73;

    private const int FirstForeignDescriptor = 3;
    private const int MaxSocketPathBytes = 107;

    /// <summary>Runs a node of the built-in and the configured services until it is told to stop.</summary>
    /// <param name="exitWithChildren">Whether the command line asks that services end with it.</param>
    /// <returns>The process's exit code.</returns>
    internal static async Task<int> RunAsync(bool exitWithChildren)
    {
        // A careless launcher's descriptors must reach neither the services nor their clients.
        _ = Descriptors.TrySetCloseOnExecFrom(FirstForeignDescriptor);
        var handover = Handover.Take();
        using var echo = new Echo(Echo.StandardError, lines => EchoText.OfDropped(TimeProvider.System.GetUtcNow(), lines));
        var own = new EchoStream(echo);
        var log = new LogfmtLogger(NodePlan.SupervisorName, own, TimeProvider.System);
        try
        {
            var settings = NodeSettings.FromEnvironment();
            _ = StateDirectory.Check(settings.StateDir);
            var options = SupervisorOptions.From(Environment.GetEnvironmentVariable) is var given && exitWithChildren ? given with { ExitWithChildren = true } : given;
            var (configuration, plan, programs) = ReadPlan(settings);
            using var signals = new EndingSignals();
            using var directories = NodeDirectories.Claim(settings, handover);
            var brought = StateDirectory.BringForward(settings.StateDir, () => Estate.WhyNotAlone(settings));
            CorePlaces.Make(settings);
            using var logs = new LogCapture(settings, echo.Write, TimeProvider.System, log, Journal.From(Environment.GetEnvironmentVariable, File.Exists, Journal.StandardError(), TimeProvider.System));
            own.AlsoTo = logs.KeepOwn;
            foreach (var step in brought)
            {
                log.StateBroughtForward(step);
            }

            WarnOfUntrusted(log, "STRATA_RUNTIME_DIR", settings.RuntimeDir);
            WarnOfUntrusted(log, "STRATA_STATE_DIR", settings.StateDir);
            return await RunNodeAsync(new Startup(options, settings, configuration, plan, programs, directories, signals, logs, log, handover)).ConfigureAwait(false);
        }
        catch (AlreadyRunsException e)
        {
            await Console.Error.WriteLineAsync($"supervisor: {e.Message}").ConfigureAwait(false);
            return ExitAlreadyRuns;
        }
        catch (ConfigurationException e)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ServiceHost.ExitUnusable;
        }
        catch (Exception e) when (e is SettingsException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"supervisor: {e.Message}").ConfigureAwait(false);
            return ServiceHost.ExitUnusable;
        }
    }

    /// <summary>Says whether this program would take over the node of this environment as it is, and touches nothing.</summary>
    /// <returns>0, or <see cref="ServiceHost.ExitUnusable"/> after telling why not.</returns>
    internal static async Task<int> CheckTakeoverAsync()
    {
        try
        {
            var settings = NodeSettings.FromEnvironment();
            var (_, plan, _) = ReadPlan(settings);
            using var runtime = PrivateDirectory.Ensure(settings.RuntimeDir, NodeDirectories.RuntimeMode);
            var kept = new StateFile(runtime, NullLogger.Instance).Read(out var fault);
            var older = StateDirectory.WhyOlder(settings.StateDir, StateDirectory.Check(settings.StateDir));
            var reason = older is not null ? $"{older}: it can be brought forward only while no service runs; stop the node and start it with this version"
                : kept is null ? $"{StateFile.Name} {fault ?? "is not there"}" : null;
            await Console.Out.WriteLineAsync(reason ?? $"would take over {plan.Manifests.Count} services").ConfigureAwait(false);
            return reason is null ? 0 : ServiceHost.ExitUnusable;
        }
        catch (Exception e) when (e is ConfigurationException or SettingsException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return ServiceHost.ExitUnusable;
        }
    }

    /// <summary>Says whether this program may use the node's state as it lies there, and touches nothing.</summary>
    /// <returns>0, or <see cref="ServiceHost.ExitUnusable"/> after telling why not.</returns>
    internal static async Task<int> CheckStateAsync(Func<string, string?> variable, TextWriter output, TextWriter errors)
    {
        try
        {
            var settings = NodeSettings.From(variable);
            var found = StateDirectory.Check(settings.StateDir);
            var told = StateDirectory.WhyOlder(settings.StateDir, found) is { } older ? $"{older}: a start brings it forward"
                : found is null ? $"there is no state in {settings.StateDir} yet"
                : $"the state in {settings.StateDir} has format {found.Format}, as Strata {StrataVersion.Current} writes it";
            await output.WriteLineAsync(told).ConfigureAwait(false);
            return 0;
        }
        catch (Exception e) when (e is SettingsException or IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"supervisor: {e.Message}").ConfigureAwait(false);
            return ServiceHost.ExitUnusable;
        }
    }

    private static (NodeConfiguration Configuration, NodePlan Plan, Dictionary<string, string> Programs) ReadPlan(NodeSettings settings)
    {
        var configuration = ConfigDirectory.Read(Environment.GetEnvironmentVariable);
        var plan = configuration.Plan ?? throw new ConfigurationException(configuration.Faults);
        var programs = new ProgramFinder(Environment.GetEnvironmentVariable, AppContext.BaseDirectory).FindAll(plan.Manifests.Values, out var missing);
        ConfigurationException.ThrowIfAny(missing.Select(configuration.Locate));
        ConfigurationException.ThrowIfAny(NodeSockets.FaultsOf(plan, Accounts.OfThisMachine()).Select(configuration.Locate));
        RequireShortPaths(settings, plan);
        return (configuration, plan, programs);
    }

    private static void RequireShortPaths(NodeSettings settings, NodePlan plan)
    {
        var longest = plan.Manifests.Values.Where(m => m.EffectiveSocketName is not null).Select(m => NodeSockets.PathOf(settings, m))
            .Append(settings.SocketOf(NodePlan.SupervisorName)).Append(Path.Combine(settings.RuntimeDir, NodeSockets.NotifyName))
            .MaxBy(System.Text.Encoding.UTF8.GetByteCount)!;
        var bytes = System.Text.Encoding.UTF8.GetByteCount(longest);
        if (bytes > MaxSocketPathBytes)
        {
            throw new SettingsException($"STRATA_RUNTIME_DIR is too long: {longest} has {bytes} bytes and the path of a socket at most {MaxSocketPathBytes}; choose a shorter one");
        }
    }

    private static void WarnOfUntrusted(LogfmtLogger log, string variable, string directory)
    {
        if (AncestorTrust.FaultAbove(directory) is { } fault)
        {
            log.UntrustedPlace(variable, fault);
        }
    }

    private static async Task<int> RunNodeAsync(Startup start)
    {
        var (settings, plan, log, signals) = (start.Settings, start.Plan, start.Log, start.Signals);
        var file = new StateFile(start.Directories.Runtime, log);
        var boot = BootId.Read();
        using var heritage = Heritage.Read(settings, plan, file, boot, start.Handover, log);
        start.Logs.Fifos.RemoveAllBut(heritage.Children.Select(child => (child.Name, child.Process.Incarnation)));
        using var sockets = NodeSockets.Bind(settings, plan, heritage.Listeners, start.Handover);
        start.Handover.CloseRest();
        using var thread = new SpawnThread();
        IReadOnlyList<string> declared = [NodePlan.SupervisorName, .. plan.Graph.StartOrder];
        var environment = new ChildEnvironment(ChildEnvironment.Ambient(), settings, sockets.Notify.Path, declared, Environment.ProcessId);
        var renewal = RenewalPlan.From(Environment.GetEnvironmentVariable, plan);
        var capabilities = new CapabilityKeeper(settings, renewal, new IdentityIssuer(settings, TimeProvider.System), TimeProvider.System, log);
        capabilities.Clear(heritage.Children.Select(child => (child.Name, child.Process.Incarnation)));
        var launcher = new Launcher(thread, start.Programs, sockets, environment, start.Logs, capabilities) { ChildrenEnd = start.Options.ExitWithChildren };
        launcher.Places.Locate = start.Configuration.Locate;
        var manager = ServiceManager.From(Environment.GetEnvironmentVariable, Environment.ProcessId);
        var recorder = new Recorder(file, boot, heritage.Generation, sockets, start.Options.ExitWithChildren);
        using var node = new Node(settings, plan, sockets, launcher, manager, log, () => ConfigurationSource.Read(settings, Environment.GetEnvironmentVariable), heritage, recorder);
        var leftovers = Leftovers.EndAsync(heritage.Leftovers);
        signals.Attach(node.Loop, node.Reload);
        try
        {
            var abandoned = await node.RunAsync().ConfigureAwait(false);
            await leftovers.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (node.Loop.Successor is { } successor)
            {
                log.Upgrading(successor);
                start.Logs.Leave();
                Upgrade.Execute(successor, Handover.Of([(Handover.LockName, start.Directories.LockNumber), .. sockets.Descriptors]), log);
                // Neither program could be executed. Whoever is started next adopts what lives, as long as nobody cleans up here.
                Environment.Exit(ServiceHost.ExitFault);
            }

            if (abandoned.IsEmpty)
            {
                return 0;
            }

            log.Abandoned(string.Join(", ", abandoned));
            return ServiceHost.ExitFault;
        }
#pragma warning disable CA1031 // The fault is logged and ends the supervisor with its own exit code; its services are dead by now.
        catch (Exception e)
#pragma warning restore CA1031
        {
            log.SupervisorFault(e);
            return ServiceHost.ExitFault;
        }
        finally
        {
            signals.Detach();
        }
    }

    /// <summary>What has been made ready before the node is.</summary>
    private sealed record Startup(
        SupervisorOptions Options, NodeSettings Settings, NodeConfiguration Configuration, NodePlan Plan, Dictionary<string, string> Programs, NodeDirectories Directories,
        EndingSignals Signals, LogCapture Logs, LogfmtLogger Log, Handover Handover);
}
