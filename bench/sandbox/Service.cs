using System.Diagnostics;
using Strata.Ipc;

namespace Strata.Bench;

/// <summary>The service in a process of its own, with a client of either kind.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("strata-bench-");
    private readonly Process _process;

    private Service() => _process = Process.Start(
        new ProcessStartInfo(Environment.ProcessPath!, ["serve", _directory.FullName]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;

    /// <summary>A capability for everything.</summary>
    internal string Token { get; private set; } = "";

    /// <summary>The service's own client.</summary>
    internal RpcClient Client { get; private set; } = null!;

    /// <summary>One that adds nothing.</summary>
    internal PlainClient Plain { get; private set; } = null!;

    internal int Pid => _process.Id;

    /// <summary>A directory on the disk that it keeps its state on.</summary>
    internal string Scratch(string name) => _directory.CreateSubdirectory(name).FullName;

    internal static async Task<Service> StartAsync()
    {
        var service = new Service();
        var socket = Path.Combine(service._directory.FullName, "sandbox.sock");
        service.Token = await service._process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("the service did not start");
        service.Client = await RpcClient.ConnectAsync(socket);
        service.Plain = PlainClient.Connect(socket, service.Token);
        return service;
    }

    public async ValueTask DisposeAsync()
    {
        Plain?.Dispose();
        if (Client is not null)
        {
            await Client.DisposeAsync();
        }

        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        _directory.Delete(recursive: true);
    }
}
