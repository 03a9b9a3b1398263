using System.Diagnostics;
using System.Globalization;
using Strata.Linux;
using Strata.Sandbox;

// Times of the sandbox engine beside those of what it is made of, in turns in one run, so that a busy machine is as busy for both.
const int Rounds = 100;
const int Starts = 5;
const int Idle = 100;
using var engine = new BubblewrapEngine();
using var spawner = new SpawnThread();
var scratch = Directory.CreateTempSubdirectory("strata-bench-");
var times = new Dictionary<string, List<double>>();
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
    scratch.Delete(recursive: true);
}

async Task RoundAsync(int round)
{
    await TimeAsync(round, "bwrap", () => RunAsync("/usr/bin/bwrap", "bwrap", "--unshare-all", "--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "true"));
    ISandbox? sandbox = null;
    await TimeAsync(round, "create", async () => sandbox = await engine.CreateAsync(Plan(round), CancellationToken.None));
    for (int i = 0; i < Starts; i++)
    {
        await TimeAsync(round, "spawn", () => RunAsync("/bin/true", "true"));
        await TimeAsync(round, "start", () => StartAsync(sandbox!));
    }

    await TimeAsync(round, "destroy", async () => await sandbox!.DisposeAsync());
}

static async Task StartAsync(ISandbox sandbox)
{
    using var process = await sandbox.StartAsync(new SandboxedStart { Program = "/bin/true", Arguments = ["true"], Environment = [], WorkingDirectory = "/" }, CancellationToken.None);
    _ = await process.Exited;
}

async Task TimeAsync(int round, string what, Func<Task> action)
{
    long begun = Stopwatch.GetTimestamp();
    await action();
    if (round >= 0)
    {
        (times.TryGetValue(what, out var list) ? list : times[what] = []).Add(Stopwatch.GetElapsedTime(begun).TotalMilliseconds);
    }
}

async Task RunAsync(string program, params string[] arguments)
{
    using var child = await spawner.SpawnAsync(new SpawnRequest { Program = program, Arguments = arguments, Environment = ["PATH=/usr/bin:/bin"] });
    await engine.Watch.WhenReadableAsync(child.Handle, CancellationToken.None);
    _ = child.TryReap(out _);
}

async Task IdleAsync()
{
    var all = new List<ISandbox>();
    long before = Available();
    for (int i = 0; i < Idle; i++)
    {
        all.Add(await engine.CreateAsync(Plan(Rounds + i), CancellationToken.None));
    }

    long used = before - Available();
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Idle} idle sandboxes: {used / 1024.0 / Idle:f2} MiB each of the machine's memory"));
    foreach (var one in all)
    {
        await one.DisposeAsync();
    }
}

SandboxPlan Plan(int number)
{
    string id = string.Create(CultureInfo.InvariantCulture, $"bench{number + 10:d11}");
    return new SandboxPlan { Id = id, Layers = [], Limits = new SandboxLimits(), ChangesDirectory = scratch.CreateSubdirectory(id).FullName };
}

void Print()
{
    foreach ((string what, var list) in times)
    {
        list.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-8} p50 {list[list.Count / 2],7:f2} ms  p90 {list[list.Count * 9 / 10],7:f2}  least {list[0],7:f2}"));
    }

    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"create {Ratio("create", "bwrap"):f2} times bare bwrap (at most 3); start {Ratio("start", "spawn"):f2} times a spawn on the host (at most 3); destroy p50 {times["destroy"][Rounds / 2]:f2} ms (at most 10)"));
}

double Ratio(string what, string of) => times[what][times[what].Count / 2] / times[of][times[of].Count / 2];

static long Available() =>
    long.Parse(File.ReadLines("/proc/meminfo").First(line => line.StartsWith("MemAvailable", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
