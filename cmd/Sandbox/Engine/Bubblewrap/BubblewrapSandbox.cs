using System.Globalization;
using System.Net.Sockets;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>A sandbox whose first process runs.</summary>
internal sealed class BubblewrapSandbox : ISandbox
{
    private readonly BubblewrapEngine _engine;
    private readonly SandboxIds _ids;
    private readonly ScriptRun _run;
    private readonly byte[] _filter;
    private readonly FileDescriptor _init;
    private int _disposed;

    internal BubblewrapSandbox(BubblewrapEngine engine, SandboxPlan plan, SandboxIds ids, ScriptRun run, int init, byte[] filter)
    {
        (_engine, Plan, _ids, _run, InitPid, _filter) = (engine, plan, ids, run, init, filter);
        _init = ProcessHandle.Open(init);
        try
        {
            Root = DirectoryHandle.Open(string.Create(CultureInfo.InvariantCulture, $"/proc/{init}/root"));
        }
        catch
        {
            _init.Dispose();
            throw;
        }

        Ended = WatchAsync();
    }

    public SandboxPlan Plan { get; }

    public int InitPid { get; }

    public string EnforcedBy => "rlimit";

    public FileDescriptor Root { get; }

    public Task Ended { get; }

    public async Task<SandboxedProcess> StartAsync(SandboxedStart start, CancellationToken cancellation)
    {
        if (_ids.IsSingle && (start.User ?? Plan.User) != Plan.User)
        {
            throw new SandboxException(ErrorCode.InvalidArgument, SandboxReasons.SandboxUnavailable,
                $"user {start.User} does not exist in this sandbox: a service that does not run as root has only its own user to give, which is {Plan.User} inside; leave the user out.");
        }

        RequireAlive();
        var script = EnteringScript.Of(Plan, start, _ids, _filter, limitsByGroup: false);
        await _engine.Starting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            int[] extra = [_init.Number, .. start.Extra.OrderBy(pair => pair.Key).Select(pair => pair.Value)];
            var terminal = start.Terminal as BubblewrapTerminal;
            (int?, int?, int?) standard = terminal is null
                ? (start.StandardInput, start.StandardOutput, start.StandardError)
                : (terminal.Program.Number, terminal.Program.Number, terminal.Program.Number);
            using var run = await ScriptRun.StartAsync(_engine.Spawner, script, standard, extra).ConfigureAwait(false);
            return await EnteredProcess.FollowAsync(_engine.Watch, run, start.Program, cancellation).ConfigureAwait(false);
        }
        finally
        {
            _engine.Starting.Release();
        }
    }

    public SandboxTerminal OpenTerminal(int rows, int columns)
    {
        RequireAlive();
        return new BubblewrapTerminal(InitPid, _ids.OnHost(Plan.User), rows, columns);
    }

    public async Task<Socket> MakeSocketAsync()
    {
        RequireAlive();
        await _engine.Starting.WaitAsync().ConfigureAwait(false);
        try
        {
            return await NamespaceSocket.MakeAsync(_engine.Spawner, _init, EnteringScript.KindsOf(Plan) & (NamespaceKinds.Users | NamespaceKinds.Network)).ConfigureAwait(false);
        }
        finally
        {
            _engine.Starting.Release();
        }
    }

    public void Kill() => _ = ProcessHandle.TrySignal(_init, Signal.SIGKILL); // With the first process the kernel ends all others.

    public void Freeze() => throw new NotSupportedException();

    public void Thaw() => throw new NotSupportedException();

    public SandboxUsage Usage() => new(null, null, 0, null);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0)
        {
            Kill();
            await Ended.ConfigureAwait(false);
            Root.Dispose();
            _init.Dispose();
            _run.Dispose();
        }
    }

    private void RequireAlive()
    {
        if (Ended.IsCompleted)
        {
            throw new SandboxException(ErrorCode.Unavailable, SandboxReasons.SessionLost, "the sandbox has ended.");
        }
    }

    private async Task WatchAsync()
    {
        await _engine.Watch.WhenReadableAsync(_run.Process.Handle, CancellationToken.None).ConfigureAwait(false);
        _ = _run.Process.TryReap(out _);
    }
}
