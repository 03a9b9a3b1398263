using System.Text;
using System.Collections.Concurrent;
using System.Collections.Immutable;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

/// <summary>A node of stub services inside the test's process; gone with everything it started after the test.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    /// <summary>A wait that takes longer has failed; nothing here takes more than a few seconds.</summary>
    internal static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    private readonly NodeDirectories _directories;
    private readonly NodeSockets _sockets;
    private readonly SpawnThread _thread = new();
    private readonly LogCapture _logs;
    private readonly Supervisor.Node _node;
    private readonly string _dir = Directory.CreateTempSubdirectory("svt").FullName;

    private TestNode(
        ServiceManifest[] manifests, IReadOnlyDictionary<string, string>? plans, IReadOnlyDictionary<string, string>? ambient, IReadOnlyDictionary<string, DateTimeOffset>? runs = null)
    {
        Settings = NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? _dir : null);
        Directory.CreateDirectory(Path.Combine(_dir, StubService.PlanDir));
        foreach (var (name, behaviour) in plans ?? ImmutableDictionary<string, string>.Empty)
        {
            Plan(name, behaviour);
        }

        Next = Check(manifests);
        var (plan, programs) = (Next.Plan!, Next.Programs);
        _directories = NodeDirectories.Claim(Settings);
        CorePlaces.Make(Settings);
        var memory = new RunMemory(Settings, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        Task.WaitAll([.. runs?.Select(run => memory.Keep(run.Key, run.Value)) ?? []], Deadline);
        _sockets = NodeSockets.Bind(Settings, plan);
        var environment = new ChildEnvironment(ambient ?? ChildEnvironment.Ambient(), Settings, _sockets.Notify.Path, ["supervisor"], Environment.ProcessId);
        var manager = ServiceManager.From(_ => null, 1, _ => false);
        Log = new MemoryStream();
        var log = new LogfmtLogger("supervisor", Log, TimeProvider.System);
        _logs = new LogCapture(Settings, line => Echoed.Enqueue(System.Text.Encoding.UTF8.GetString(line)), TimeProvider.System, log);
        var capabilities = new CapabilityKeeper(Settings, new RenewalPlan(TimeSpan.FromHours(1)), new IdentityIssuer(Settings, TimeProvider.System), TimeProvider.System, log);
        _node = new Supervisor.Node(Settings, plan, _sockets, new Launcher(_thread, programs, _sockets, environment, _logs, capabilities), manager, log, () => Next);
        Ended = _node.RunAsync();
    }

    internal NodeSettings Settings { get; }

    /// <summary>What the node reads as its configuration from now on.</summary>
    internal CheckedConfiguration Next { get; set; }

    internal MemoryStream Log { get; }

    /// <summary>What services printed, as it would appear on the supervisor's standard error.</summary>
    internal ConcurrentQueue<string> Echoed { get; } = new();

    internal Task<ImmutableArray<string>> Ended { get; }

    internal NodeLoop Loop => _node.Loop;

    internal RegistryMirror Registry => _node.Registry;

    internal NodeBoard Board => _node.Board;

    internal NodeSnapshot Now => _node.Board.Current;

    internal string NotifyPath => _sockets.Notify.Path;

    /// <summary>Starts a node.</summary>
    internal static TestNode Start(params ServiceManifest[] manifests) => new(manifests, null, null);

    /// <summary>Starts a node whose stubs behave as told, by service, and which has this environment.</summary>
    internal static TestNode Start(ServiceManifest manifest, string behaviour, IReadOnlyDictionary<string, string>? ambient = null) =>
        new([manifest], new Dictionary<string, string> { [manifest.Name] = behaviour }, ambient);

    /// <summary>Starts a node whose timers last ran then.</summary>
    internal static TestNode Start(ServiceManifest manifest, IReadOnlyDictionary<string, DateTimeOffset> runs) => new([manifest], null, null, runs);

    /// <summary>A stub service with short times.</summary>
    internal static ServiceManifest Stub(string name, params string[] requires) => new()
    {
        Name = name,
        Program = "Strata.Supervisor.Tests",
        Requires = [.. requires],
        Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromSeconds(20) },
    };

    /// <summary>Declares these services, and nobody else, to whoever reads the configuration next.</summary>
    internal void Declare(params ServiceManifest[] manifests) => Next = Check(manifests);

    private static CheckedConfiguration Check(ServiceManifest[] manifests)
    {
        Assert.True(NodePlan.TryCreate(manifests, out var plan, out var faults), string.Join("; ", faults));
        var programs = manifests.ToDictionary(m => m.Name, m => m.Program[0] == '/' ? m.Program : Path.Combine(AppContext.BaseDirectory, m.Program));
        return new CheckedConfiguration(plan, programs, [], fault => new LocatedFault(fault.Service + ".service.json", 1, 1, fault.Field, fault.Message));
    }

    /// <summary>Says how a stub behaves from its next start on.</summary>
    internal void Plan(string name, string behaviour) => File.WriteAllText(PathOfPlan(name), behaviour);

    internal string PathOfPlan(string name) => Path.Combine(_dir, StubService.PlanDir, name);

    /// <summary>Waits until a service is in a state.</summary>
    internal Task<ServiceStatus> UntilAsync(string name, ServiceState state) =>
        UntilAsync(node => node.State.Services[name] is var service && service.State == state ? service : null);

    /// <summary>Waits until something is found in the published node.</summary>
    internal async Task<T> UntilAsync<T>(Func<NodeSnapshot, T?> look)
        where T : class
    {
        using var late = new CancellationTokenSource(Deadline);
        try
        {
            return await _node.Board.FindAsync(look, late.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException("did not come to pass; the node: "
                + string.Join(", ", Now.State.Services.Values.Select(s => $"{s.Name} #{s.Incarnation} {s.State} ({s.Because}; last crash: {s.LastCrash?.Cause.Text ?? "none"})"))
                + "; its log: " + Encoding.UTF8.GetString(Log.ToArray()));
        }
    }

    /// <summary>Waits for a record of the event log.</summary>
    internal Task<EventRecord> RecordAsync(Func<EventRecord, bool> wanted) =>
        UntilAsync(node => node.State.Log.Read(1).Records.FirstOrDefault(wanted));

    internal Task<RpcClient> ConnectAsync(string service = "supervisor") => RpcClient.ConnectAsync(Settings.SocketOf(service));

    public async ValueTask DisposeAsync()
    {
        Loop.Hurry("the test is over");
        try
        {
            await Ended.WaitAsync(Deadline);
        }
        finally
        {
            _node.Dispose();
            _logs.Dispose();
            _sockets.Dispose();
            _directories.Dispose();
            _thread.Dispose();
            Directory.Delete(_dir, recursive: true);
        }
    }
}
