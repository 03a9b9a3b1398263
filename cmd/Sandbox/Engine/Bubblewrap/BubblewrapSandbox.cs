using System.Globalization;
using System.Net.Sockets;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A sandbox whose first process runs.</summary>
internal sealed class BubblewrapSandbox : ISandbox
{
    private readonly BubblewrapEngine _engine;
    private readonly IdRange _ids;
    private readonly ScriptRun _run;
    private readonly byte[] _filter;
    private readonly SandboxGroup _group;
    private readonly string _place;
    private readonly FileDescriptor _init;
    private readonly SandboxHalt? _halt;
    private int _disposed;

    private const int FreezePatienceMs = 10_000;
    private const int OurProcesses = 2; // bubblewrap and the first process.

    internal BubblewrapSandbox(BubblewrapEngine engine, SandboxPlan plan, IdRange ids, ScriptRun run, int init, byte[] filter, SandboxGroup group, string place)
    {
        (_engine, Plan, _ids, _run, InitPid, _filter, _group, _place) = (engine, plan, ids, run, init, filter, group, place);
        _init = ProcessHandle.Open(init);
        try
        {
            Root = DirectoryHandle.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{init}/root"));
            _halt = group.Tree is null ? new SandboxHalt(engine, _init, init) : null;
        }
        catch
        {
            Root?.Dispose();
            _init.Dispose();
            throw;
        }

        Ended = WatchAsync();
    }

    public SandboxPlan Plan { get; }

    public int InitPid { get; }

    public string EnforcedBy => _engine.Groups.Mechanism switch
    {
        _ when !_group.CountsMemory => "rlimit", // Then memory is limited for each process by itself.
        LimitMechanism.Cgroup2 => "cgroup2",
        LimitMechanism.Cgroup1 => "cgroup1",
        _ => "rlimit",
    };

    public uint HostUser(int user) => _ids.Ids.OnHost(user);

    public FileDescriptor Root { get; }

    public Task Ended { get; }

    public FileDescriptor? OpenUpper() => Plan.Limits.DiskBytes is null ? null : DirectoryHandle.Open(PathOf(MakingScript.Disk + "/upper"));

    public FileDescriptor? OpenChannel()
    {
        RequireAlive();
        return Plan.HasChannel ? DirectoryHandle.Open(PathOf(MakingScript.Channel)) : null;
    }

    public async Task<SandboxedProcess> StartAsync(SandboxedStart start, CancellationToken cancellation)
    {
        if (_ids.Ids.IsSingle && (start.User ?? Plan.User) != Plan.User)
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.SandboxUnavailable,
                $"user {start.User} does not exist in this sandbox: a service that does not run as root has only its own user to give, which is {Plan.User} inside; leave the user out.");
        }

        RequireRunning();
        var script = EnteringScript.Of(Plan, start, _ids.Ids, _filter, _group);
        return _group.AddProcess() is { } own
            ? await EnterAsync(script, start, [], pid => _group.Admit(pid, own), () => new GroupKin(own, End), cancellation).ConfigureAwait(false)
            : await EnterTaggedAsync(script, start, cancellation).ConfigureAwait(false);
    }

    public SandboxTerminal OpenTerminal(int rows, int columns)
    {
        RequireAlive();
        return new BubblewrapTerminal(InitPid, HostUser(Plan.User), rows, columns);
    }

    public void Kill()
    {
        // With the first process the kernel ends all others, also those that are frozen.
        _ = ProcessHandle.TrySignal(_init, Signal.SIGKILL);
        _ = _group.Tree?.TryKill();
    }

    public async Task<Socket> ListenAsync(int port) => NamespaceSocket.Listen(await MakeSocketAsync(CancellationToken.None).ConfigureAwait(false), port);

    public async Task<Socket> ConnectAsync(int port, CancellationToken cancellation) =>
        await NamespaceSocket.ConnectAsync(await MakeSocketAsync(cancellation).ConfigureAwait(false), port, cancellation).ConfigureAwait(false);

    public async Task<NetlinkSocket> EnterNetworkAsync()
    {
        RequireAlive();
        return new NetlinkSocket(await _engine.InTurnAsync(
            () => NamespaceSocket.MakeAsync(_engine.Spawner, _init, NetworkKinds, NetlinkSocket.Family, NamespaceSocket.RawType, NetlinkSocket.Routes), CancellationToken.None).ConfigureAwait(false));
    }

    public async Task FreezeAsync()
    {
        RequireAlive();
        Frozen = true;
        try
        {
            if (!(_group.Tree?.TryFreeze(frozen: true, FreezePatienceMs) ?? await _halt!.TryHaltAsync().ConfigureAwait(false)))
            {
                throw StillMoves();
            }
        }
        catch
        {
            await ContinueAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task ThawAsync()
    {
        RequireAlive();
        await ContinueAsync().ConfigureAwait(false);
    }

    public SandboxUsage Usage()
    {
        (long? memory, long? cpu) = _group.Usage();
        int processes = _group.Tree is { } tree ? Math.Max(0, tree.Processes().Count - OurProcesses) : _halt!.Count;
        return new SandboxUsage(memory, cpu, processes, DiskBytes());
    }

    // Only a file system of its own knows without looking at every file.
    private long? DiskBytes()
    {
        try
        {
            using var upper = OpenUpper();
            if (upper is null)
            {
                return null;
            }

            var disk = new DriveInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{upper.Number}"));
            return disk.TotalSize - disk.TotalFreeSpace;
        }
        catch (Exception e) when (e is LinuxException or IOException or UnauthorizedAccessException)
        {
            return null; // It has ended meanwhile.
        }
    }

    internal static SandboxException HasEnded() => new(ErrorCode.Unavailable, SandboxReasons.SessionLost, "the sandbox has ended.");

    internal static SandboxException StillMoves() => new(
        ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, "the sandbox's processes could not be stopped in time; one may be waiting for a disk. Try again.");

    /// <summary>Whether its processes are stopped.</summary>
    internal bool Frozen { get; private set; }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Kill();
            await Ended.ConfigureAwait(false);
            _engine.Groups.Remove(_group);
            Root.Dispose();
            _run.Dispose();
            _ = GiveBackAsync();
        }
    }

    // The first process ends when all others have, and they are the users that it is about.
    private async Task GiveBackAsync()
    {
        await _engine.Watch.WhenReadableAsync(_init, CancellationToken.None).ConfigureAwait(false);
        if (_halt is not null)
        {
            await _halt.DisposeAsync().ConfigureAwait(false);
        }

        _init.Dispose();
        _ids.Dispose();
    }

    private async Task<SandboxedProcess> EnterTaggedAsync(CallScript script, SandboxedStart start, CancellationToken cancellation)
    {
        (FileDescriptor ours, FileDescriptor theirs) = UnixSocket.Pair();
        using (ours)
        using (theirs)
        {
            return await EnterAsync(script, start, [theirs.Number], pid => _group.Admit(pid, null), () => new TaggedKin(ReceiveTag(ours), End, _halt!.HoldAsync), cancellation).ConfigureAwait(false);
        }
    }

    private async Task<SandboxedProcess> EnterAsync(
        CallScript script, SandboxedStart start, int[] more, Action<int> admit, Func<ProcessKin> kin, CancellationToken cancellation)
    {
        int[] descriptors = [_init.Number, .. start.Extra.OrderBy(pair => pair.Key).Select(pair => pair.Value), .. more];
        int? terminal = (start.Terminal as BubblewrapTerminal)?.Program.Number;
        (int?, int?, int?) standard = (terminal ?? start.StandardInput, terminal ?? start.StandardOutput, terminal ?? start.StandardError);
        using var run = await _engine.SpawnAsync(script, standard, descriptors, admit, cancellation).ConfigureAwait(false);
        return await EnteredProcess.FollowAsync(_engine.Watch, run, start.Program, kin, cancellation).ConfigureAwait(false);
    }

    // Sent before the process that is followed was made, so it is there.
    private static FileDescriptor ReceiveTag(FileDescriptor socket)
    {
        Span<int> tag = [-1];
        int count = DescriptorPassing.TryReceive(socket.Number, new byte[1], tag, out int received, out _);
        return received == 1 ? new FileDescriptor(tag[0]) : throw new LinuxException(count < 0 ? count : Errno.EINVAL, "recvmsg");
    }

    private async Task ContinueAsync()
    {
        try
        {
            _ = _group.Tree?.TryFreeze(frozen: false, FreezePatienceMs);
            await (_halt?.ContinueAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        }
        finally
        {
            Frozen = false;
        }
    }

    // For those who cannot be ended otherwise.
    private void End()
    {
        if (!Ended.IsCompleted)
        {
            Kill();
        }
    }

    private void RequireRunning()
    {
        RequireAlive();
        if (Frozen)
        {
            throw new SandboxException(ErrorCode.Conflict, SandboxReasons.SessionPaused, "the sandbox is paused; resume it first.");
        }
    }

    private NamespaceKinds NetworkKinds => EnteringScript.KindsOf(Plan) & (NamespaceKinds.Users | NamespaceKinds.Network);

    private Task<Socket> MakeSocketAsync(CancellationToken cancellation)
    {
        RequireAlive();
        return _engine.InTurnAsync(
            () => NamespaceSocket.MakeAsync(_engine.Spawner, _init, NetworkKinds), cancellation);
    }

    private void RequireAlive()
    {
        if (Ended.IsCompleted)
        {
            throw HasEnded();
        }
    }

    // Bubblewrap itself stays where the parts of the root were mounted.
    private string PathOf(string part) => string.Create(CultureInfo.InvariantCulture, $"/proc/{_run.Process.Pid}/root{_place}{part}");

    private async Task WatchAsync()
    {
        await _engine.Watch.WhenReadableAsync(_run.Process.Handle, CancellationToken.None).ConfigureAwait(false);
        _ = _run.Process.TryReap(out _);
    }
}
