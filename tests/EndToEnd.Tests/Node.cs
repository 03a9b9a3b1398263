using System.Diagnostics;
using System.Text;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.EndToEnd.Tests;

/// <summary>A node of real processes in a private folder. Disposing it leaves nothing: no process, no file.</summary>
internal sealed class Node : IAsyncDisposable
{
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly StringBuilder _log = new();
    private readonly bool _ownsFolder;
    private Process? _supervisor;

    private Node(string folder, bool ownsFolder) => (Folder, _ownsFolder) = (folder, ownsFolder);

    internal string Folder { get; }

    /// <summary>The supervisor.</summary>
    internal string Program { get; set; } = Checkout.Program("supervisor");

    /// <summary>Words before every program of the node, and of its command line: what makes them run as somebody else.</summary>
    internal string[] As { get; private set; } = [];

    internal string RuntimeDir => Path.Combine(Folder, "run");

    internal string DataDir => Path.Combine(Folder, "data");

    internal int SupervisorPid => _supervisor!.Id;

    internal Process Supervisor => _supervisor!;

    /// <summary>What the node's processes have written to standard error so far.</summary>
    internal string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    internal Dictionary<string, string?> Settings { get; } = new() { ["STRATA_STATE_DIR"] = null, ["STRATA_NODE_ID"] = "test-node", ["STRATA_TOKEN"] = null, ["STRATA_JOURNAL"] = "off" };

    /// <summary>A node that is not started yet.</summary>
    internal static Node Prepare()
    {
        // Short, because the path of a socket has at most 107 bytes.
        var folder = Path.Combine(Path.GetTempPath(), "strata-" + Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal));
        var node = new Node(folder, ownsFolder: true);
        Directory.CreateDirectory(node.RuntimeDir);
        Directory.CreateDirectory(node.DataDir);
        // Other users must be able to reach the sockets: whether they may do anything is decided by capability.
        File.SetUnixFileMode(folder, (UnixFileMode)0x1ED);
        node.Settings["STRATA_RUNTIME_DIR"] = node.RuntimeDir;
        node.Settings["STRATA_CONFIG_DIR"] = node.Folder;
        File.WriteAllText(Path.Combine(node.DataDir, "hello.txt"), "Hello from Strata.\n");
        return node;
    }

    /// <summary>Gives the node to a user of its own, whom nobody else is and who has no privilege; whoever runs the tests without any is that user already.</summary>
    internal async Task BecomePlainUserAsync()
    {
        if (Environment.UserName != "root")
        {
            return;
        }

        var id = 1_200_000_000 + Environment.ProcessId;
        (await Command.RunAsync("chown", ["-R", $"{id}:{id}", Folder])).Succeeded();
        As = ["setpriv", $"--reuid={id}", $"--regid={id}", "--clear-groups", "--inh-caps=-all", "--no-new-privs"];
        Settings["HOME"] = Folder;
    }

    /// <summary>Puts a manifest where the next start finds it.</summary>
    internal string Declare(string name, string manifest)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Folder, "services.d"), (UnixFileMode)0x1ED).FullName;
        var path = Path.Combine(directory, name + ".service.json");
        File.WriteAllText(path, manifest);
        File.SetUnixFileMode(path, (UnixFileMode)0x1A4);
        return path;
    }

    /// <summary>A node whose services are all Healthy.</summary>
    internal static async Task<Node> StartAsync()
    {
        var node = Prepare();
        try
        {
            await node.LaunchAsync();
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts the supervisor; completes when it says that all services are Healthy.</summary>
    internal async Task LaunchAsync()
    {
        using var notify = NotifySocket.Bind(Path.Combine(Folder, "notify"), replaceExisting: true);
        File.SetUnixFileMode(notify.Path, (UnixFileMode)0x1B6); // Also for a node of another user.
        Start(notify.Path);
        var ready = await Task.Run(() => WaitForReady(notify));
        Assert.True(ready, $"the node did not become ready:\n{Log}");
    }

    /// <summary>Starts the supervisor and does not wait.</summary>
    internal Process Start(string? notifyPath = null)
    {
        string[] words = [.. As, Program];
        var start = new ProcessStartInfo(words[0], words[1..]) { RedirectStandardError = true, WorkingDirectory = "/" };
        foreach (var (name, value) in Settings)
        {
            start.Environment[name] = value;
        }

        start.Environment["NOTIFY_SOCKET"] = notifyPath;
        _supervisor = new Process { StartInfo = start };
        _supervisor.ErrorDataReceived += (_, line) =>
        {
            lock (_log)
            {
                _log.AppendLine(line.Data);
            }
        };
        _supervisor.Start();
        _supervisor.BeginErrorReadLine();
        return _supervisor;
    }

    internal string Socket(string service) => Path.Combine(RuntimeDir, service + ".sock");

    internal Task<RpcClient> ConnectAsync(string service) => RpcClient.ConnectAsync(Socket(service));

    /// <summary>Sends one request over a connection of its own.</summary>
    internal async Task<RpcResponse> CallAsync(string method, string parameters = "{}", string? token = null)
    {
        await using var client = await ConnectAsync(method[..method.IndexOf('.', StringComparison.Ordinal)]);
        return await client.SendAsync(new RpcRequest(method) { Params = Encoding.UTF8.GetBytes(parameters), Token = token, Deadline = Patience });
    }

    internal async Task<IssueResult> IssueAsync(string rights = "fs.open,fs.read,fs.list,fs.stat", string? prefix = null, int ttlSeconds = 600)
    {
        await using var client = await ConnectAsync("identity");
        return await client.CallAsync(
            "identity.issue", new IssueParams("fs", Rights: rights.Split(','), PathPrefix: prefix ?? DataDir, TtlSeconds: ttlSeconds),
            ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult);
    }

    internal async Task<IReadOnlyList<ServiceStatus>> ServicesAsync() =>
        (await CallAsync("supervisor.svc.list")).Get(ContractsJson.Default.ServiceList).Services;

    internal async Task<int> PidAsync(string service) => (await ServicesAsync()).Single(s => s.Name == service).Pid;

    /// <summary>Waits, by the supervisor's own events, until a service is in a state under another pid than before.</summary>
    internal async Task<ServiceStatus> WaitForStateAsync(string service, string state, int otherThanPid = -1)
    {
        using var limit = new CancellationTokenSource(Patience);
        await using var client = await ConnectAsync("supervisor");
        var events = RpcRequest.Of("supervisor.events", new EventsParams(0), ContractsJson.Default.EventsParams);
        await foreach (var _ in client.StreamAsync(events, limit.Token))
        {
            var now = (await ServicesAsync()).Single(s => s.Name == service);
            if (now.State == state && now.Pid != otherThanPid)
            {
                return now;
            }
        }

        throw new TimeoutException($"{service} did not become {state}:\n{Log}");
    }

    internal Task<CommandResult> CtlAsync(params string[] arguments)
    {
        string[] words = [.. As, Checkout.Program("strata-ctl"), .. arguments];
        return Command.RunAsync(words[0], words[1..], Settings);
    }

    internal static void Signal(int pid, int signal) => Assert.Equal(0, Kill(pid, signal));

    /// <summary>Processes that belong to this node, by their environment.</summary>
    internal IReadOnlyList<int> Processes() => ProcessesWith($"STRATA_RUNTIME_DIR={RuntimeDir}");

    /// <summary>Processes that have a variable, NAME=VALUE.</summary>
    internal static IReadOnlyList<int> ProcessesWith(string variable)
    {
        var mark = Encoding.UTF8.GetBytes(variable + "\0");
        var found = new List<int>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), out var pid))
            {
                continue;
            }

            try
            {
                if (File.ReadAllBytes($"{folder}/environ").AsSpan().IndexOf(mark) >= 0)
                {
                    found.Add(pid);
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // It ended meanwhile, or is not ours.
            }
        }

        return found;
    }

    /// <summary>Waits until the processes are gone, by their pidfds' own notice where possible.</summary>
    internal static async Task<bool> AllGoneAsync(IEnumerable<int> pids)
    {
        using var limit = new CancellationTokenSource(Patience);
        foreach (var pid in pids)
        {
            try
            {
                using var process = Process.GetProcessById(pid);
                await process.WaitForExitAsync(limit.Token);
            }
            catch (ArgumentException)
            {
                // Gone already.
            }
            catch (OperationCanceledException)
            {
                return false;
            }
        }

        return true;
    }

    internal async Task StopAsync()
    {
        Signal(_supervisor!.Id, Linux.Signal.SIGTERM);
        using var limit = new CancellationTokenSource(Patience);
        await _supervisor.WaitForExitAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_supervisor is { HasExited: false })
        {
            _ = Kill(_supervisor.Id, Linux.Signal.SIGTERM);
            using var limit = new CancellationTokenSource(Patience);
            await _supervisor.WaitForExitAsync(limit.Token).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        foreach (var pid in Processes())
        {
            _ = Kill(pid, Linux.Signal.SIGCONT);
            _ = Kill(pid, Linux.Signal.SIGKILL);
        }

        _supervisor?.Dispose();
        if (_ownsFolder)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private static bool WaitForReady(NotifySocket notify)
    {
        using var epoll = new Epoll();
        epoll.Add(notify.Handle.Number, EpollEvents.Readable, 0);
        var clock = Stopwatch.StartNew();
        var ready = new EpollReady[1];
        while (clock.Elapsed < Patience)
        {
            epoll.Wait(ready, (int)(Patience - clock.Elapsed).TotalMilliseconds + 1);
            while (notify.TryReceive(out var message) > 0)
            {
                if (message is { Ready: true })
                {
                    return true;
                }
            }
        }

        return false;
    }

    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "kill")]
    [System.Runtime.InteropServices.DefaultDllImportSearchPaths(System.Runtime.InteropServices.DllImportSearchPath.SafeDirectories)]
    private static extern int Kill(int pid, int signal);
}
