using System.Diagnostics;
using Strata.Ipc;

namespace Strata.Identity.Tests;

/// <summary>An identity service in a process of its own, to be killed.</summary>
internal sealed class IdentityProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _log;
    private readonly string _socket;

    private IdentityProcess(Process process, string socket)
    {
        (_process, _socket) = (process, socket);
        _log = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts it; it is ready when it takes connections.</summary>
    internal static IdentityProcess Start(string directory)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "identity")) { RedirectStandardError = true };
        start.Environment["STRATA_STATE_DIR"] = Path.Combine(directory, "state");
        start.Environment["STRATA_RUNTIME_DIR"] = Path.Combine(directory, "run");
        start.Environment.Remove("NOTIFY_SOCKET");
        return new IdentityProcess(Process.Start(start)!, Path.Combine(directory, "run", "identity.sock"));
    }

    /// <summary>Connects as soon as it is ready.</summary>
    internal async Task<RpcClient> ConnectAsync()
    {
        using var limit = new CancellationTokenSource(Patience.Limit);
        using var again = new PeriodicTimer(TimeSpan.FromMilliseconds(2));
        while (true)
        {
            try
            {
                return await RpcClient.ConnectAsync(_socket);
            }
            catch (RpcException)
            {
                Assert.False(_process.HasExited, "identity ended by itself");
                await again.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    /// <summary>Ends it as a crash does.</summary>
    /// <returns>What it had logged.</returns>
    internal async Task<string> KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync().Soon();
        return await _log.Soon();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
