using System.Diagnostics;
using System.Globalization;
using Strata.Linux;
using Strata.Sandbox;

namespace Strata.Bench;

/// <summary>Times of the sandbox engine beside those of what it is made of, in turns in one run, so that a busy machine is as busy for both.</summary>
internal sealed class EngineFigures : IDisposable
{
    private const int Rounds = 100;
    private const int Starts = 5;
    private const int Idle = 100;
    private readonly BubblewrapEngine _engine = new();
    private readonly SpawnThread _spawner = new();
    private readonly DirectoryInfo _scratch = Directory.CreateTempSubdirectory("strata-bench-");
    private readonly Dictionary<string, List<double>> _times = [];

    internal async Task RunAsync()
    {
        try
        {
            for (int i = -10; i < Rounds; i++)
            {
                await RoundAsync(i);
            }

            Print();
            await IdleAsync();
        }
        finally
        {
            _scratch.Delete(recursive: true);
        }
    }

    public void Dispose()
    {
        _engine.Dispose();
        _spawner.Dispose();
    }

    private async Task RoundAsync(int round)
    {
        await TimeAsync(round, "bwrap", () => RunAsync("/usr/bin/bwrap", "bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"));
        ISandbox? sandbox = null;
        await TimeAsync(round, "create", async () => sandbox = await _engine.CreateAsync(Plan(round), CancellationToken.None));
        for (int i = 0; i < Starts; i++)
        {
            await TimeAsync(round, "spawn", () => RunAsync("/bin/true", "true"));
            await TimeAsync(round, "start", () => StartAsync(sandbox!));
        }

        await TimeAsync(round, "destroy", async () => await sandbox!.DisposeAsync());
    }

    private static async Task StartAsync(ISandbox sandbox)
    {
        using var process = await sandbox.StartAsync(new SandboxedStart { Program = "/bin/true", Arguments = ["true"], Environment = [], WorkingDirectory = "/" }, CancellationToken.None);
        _ = await process.Exited;
    }

    private async Task TimeAsync(int round, string what, Func<Task> action)
    {
        long begun = Stopwatch.GetTimestamp();
        await action();
        if (round >= 0)
        {
            (_times.TryGetValue(what, out var list) ? list : _times[what] = []).Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
        }
    }

    private async Task RunAsync(string program, params string[] arguments)
    {
        using var child = await _spawner.SpawnAsync(new SpawnRequest { Program = program, Arguments = arguments, Environment = ["PATH=/usr/bin:/bin"] });
        await _engine.Watch.WhenReadableAsync(child.Handle, CancellationToken.None);
        _ = child.TryReap(out _);
    }

    private async Task IdleAsync()
    {
        var all = new List<ISandbox>();
        long before = Machine.Available();
        for (int i = 0; i < Idle; i++)
        {
            all.Add(await _engine.CreateAsync(Plan(Rounds + i), CancellationToken.None));
        }

        long used = before - Machine.Available();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Idle} idle sandboxes: {used / 1048576.0 / Idle:f2} MiB each of the machine's memory"));
        foreach (var one in all)
        {
            await one.DisposeAsync();
        }
    }

    private SandboxPlan Plan(int number)
    {
        string id = string.Create(CultureInfo.InvariantCulture, $"bench{number + 10:d11}");
        return new SandboxPlan { Id = id, Layers = [], Limits = new SandboxLimits(), ChangesDirectory = _scratch.CreateSubdirectory(id).FullName };
    }

    private void Print()
    {
        foreach ((string what, var list) in _times)
        {
            list.Sort();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-8} p50 {list[list.Count / 2],7:f2} ms  p90 {list[list.Count * 9 / 10],7:f2}  least {list[0],7:f2}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"create {Ratio("create", "bwrap"):f2} times bare bwrap (at most 3); start {Ratio("start", "spawn"):f2} times a spawn on the host (at most 3); destroy p50 {_times["destroy"][Rounds / 2]:f2} ms (at most 10)"));
    }

    private double Ratio(string what, string of) => _times[what][_times[what].Count / 2] / _times[of][_times[of].Count / 2];
}
