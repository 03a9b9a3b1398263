using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Supervisor.Tests;

/// <summary>A runtime directory for supervisors that are processes of their own. Kills what is left in it at the end, and says so.</summary>
internal sealed class TestRuntime : IDisposable
{
    internal TestRuntime() => Directory.CreateDirectory(Path.Combine(Dir, StubService.PlanDir));

    internal string Dir { get; } = Directory.CreateTempSubdirectory("svp").FullName;

    internal string LogPath => Path.Combine(Dir, "log");

    internal string Log => File.ReadAllText(LogPath);

    internal IReadOnlyList<string> Environment =>
    [
        $"STRATA_RUNTIME_DIR={Dir}", $"STRATA_CONFIG_DIR={Dir}", $"STRATA_IDENTITY_BIN={StubService.Program}", $"STRATA_FS_BIN={StubService.Program}",
        .. new[] { "PATH", "HOME", "DOTNET_ROOT" }.Where(v => System.Environment.GetEnvironmentVariable(v) is not null)
            .Select(v => $"{v}={System.Environment.GetEnvironmentVariable(v)}"),
    ];

    /// <summary>Every process of the node, the supervisor included.</summary>
    internal List<int> Processes => Tests.Processes.With($"STRATA_RUNTIME_DIR={Dir}");

    internal IEnumerable<string> Sockets => Directory.EnumerateFiles(Dir, "*.sock").Select(path => Path.GetFileName(path)!);

    /// <summary>Says how a stub behaves; in the place of identity it can read its state and nothing else.</summary>
    internal void Plan(string service, string behaviour) =>
        File.WriteAllText(Path.Combine(service == "identity" ? Private("state", "state/identity") : Path.Combine(Dir, StubService.PlanDir), service), behaviour);

    /// <summary>Puts a manifest where the next supervisor finds it.</summary>
    internal string Declare(string name, string manifest)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Dir, "services.d"), (UnixFileMode)0x1ED).FullName;
        var path = Path.Combine(directory, name + ".service.json");
        File.WriteAllText(path, manifest);
        File.SetUnixFileMode(path, (UnixFileMode)0x1A4);
        return path;
    }

    internal Task<RpcClient> ConnectAsync(string service) => RpcClient.ConnectAsync(Path.Combine(Dir, service + ".sock"));

    internal async Task<ServiceStatus> StatusAsync(string service)
    {
        await using var client = await ConnectAsync("supervisor");
        var list = await client.CallAsync("supervisor.svc.list", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.ServiceList);
        return list.Services.Single(s => s.Name == service);
    }

    /// <summary>Reads the supervisor's events from the first on until one is found.</summary>
    internal async Task<SupervisorEvent> EventAsync(Func<SupervisorEvent, bool> wanted)
    {
        using var late = new CancellationTokenSource(TestNode.Deadline);
        await using var client = await ConnectAsync("supervisor");
        var request = RpcRequest.Of("supervisor.events", new EventsParams(0), ContractsJson.Default.EventsParams);
        await foreach (var frame in client.StreamAsync(request, late.Token))
        {
            var item = frame.Get(ContractsJson.Default.SupervisorEvent);
            if (wanted(item))
            {
                return item;
            }
        }

        throw new TimeoutException("the event did not come");
    }

    private string Private(params string[] directories) =>
        directories.Select(directory => Directory.CreateDirectory(Path.Combine(Dir, directory), (UnixFileMode)0x1C0).FullName).ToList()[^1];

    public void Dispose()
    {
        Tests.Processes.KillThose(Processes);
        Directory.Delete(Dir, recursive: true);
    }
}
