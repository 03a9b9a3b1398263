using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Registry.Tests;

/// <summary>The real program with a directory and a notify socket of its own; nothing of it is left after the test.</summary>
internal sealed class RegistryProcess : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("srx").FullName;
    private readonly SpawnThread _spawner = new();
    private readonly NotifySocket _notify;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly Task _logEnd;
    private readonly ChildProcess _child;
    private ProcessExit? _exit;

    /// <param name="variables">Added to the environment, or put in place of what stands there.</param>
    /// <param name="program">The program and its arguments; the registry itself when left out.</param>
    /// <param name="extra">Descriptors that become 3, 4, ...</param>
    internal RegistryProcess(IReadOnlyDictionary<string, string>? variables = null, string[]? program = null, int[]? extra = null)
    {
        _notify = NotifySocket.Bind(NotifyPath);
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin",
            ["DOTNET_ROOT"] = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "../../..")),
            ["STRATA_RUNTIME_DIR"] = _directory,
            ["NOTIFY_SOCKET"] = NotifyPath,
        };
        foreach (var (name, value) in variables ?? new Dictionary<string, string>())
        {
            environment[name] = value;
        }

        using var output = Pipe.Create(nonBlockingReader: false);
        string[] command = program ?? [Program];
        _child = _spawner.Spawn(new SpawnRequest
        {
            Program = command[0],
            Arguments = command,
            Environment = [.. environment.Select(v => $"{v.Key}={v.Value}")],
            StandardError = output.Writer.Number,
            ExtraDescriptors = extra ?? [],
        });
        var reader = new StreamReader(new FileStream(new SafeFileHandle(output.Reader.Release(), ownsHandle: true), FileAccess.Read));
        _logEnd = Task.Run(() => Collect(reader));
    }

    internal static string Program => Path.Combine(AppContext.BaseDirectory, "registry");

    internal string SocketPath => Path.Combine(_directory, "registry.sock");

    internal string AuditPath => Path.Combine(_directory, "state", "audit", "registry.jsonl");

    internal int Pid => _child.Pid;

    internal IEnumerable<string> Log => _log;

    private string NotifyPath => Path.Combine(_directory, "notify.sock");

    internal Task<RpcClient> ConnectAsync() => RpcClient.ConnectAsync(SocketPath).Soon();

    internal IEnumerable<string> Events(string name) => _log.Where(l => l.Contains($" event={name} ", StringComparison.Ordinal));

    internal Task ReadyAsync() => HearAsync(m => m.Ready);

    internal async Task HearAsync(Predicate<NotifyMessage> wanted) => await Patience.UntilAsync(() =>
    {
        // Asked first: what a process said just before it ended is still to be heard.
        var hasExited = HasExited;
        while (_notify.TryReceive(out var message) == 1)
        {
            if (message is not null && message.Sender.Pid == Pid && wanted(message))
            {
                return true;
            }
        }

        Assert.False(hasExited, $"the registry ended: {_exit} {string.Join('\n', _log)}");
        return false;
    });

    internal void Signal(int signal) => Assert.Equal(0, _child.TrySignal(signal));

    internal async Task<ProcessExit> ExitAsync()
    {
        await Patience.UntilAsync(() => HasExited);
        await _logEnd.Soon();
        return _exit!.Value;
    }

    /// <summary>Processor time used so far, in the kernel's ticks of 10 ms.</summary>
    internal TimeSpan ProcessorTime()
    {
        var stat = File.ReadAllText($"/proc/{Pid}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        return TimeSpan.FromMilliseconds(10 * (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)));
    }

    internal bool HasExited
    {
        get
        {
            if (_exit is null && _child.TryReap(out var exit) == 1)
            {
                _exit = exit;
            }

            return _exit is not null;
        }
    }

    public void Dispose()
    {
        if (!HasExited)
        {
            _ = _child.TrySignalGroup(Linux.Signal.SIGKILL);
            SpinWait.SpinUntil(() => HasExited, Patience.Limit);
        }

        _child.Dispose();
        _spawner.Dispose();
        _notify.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Collect(StreamReader reader)
    {
        using (reader)
        {
            while (reader.ReadLine() is { } line)
            {
                _log.Enqueue(line);
            }
        }
    }
}
