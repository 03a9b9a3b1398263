using System.Collections.Concurrent;
using System.Net.Sockets;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>An engine that makes nothing: tells what was asked of it, and fails when told to.</summary>
internal sealed class FakeEngine : ISandboxEngine
{
    private readonly ConcurrentDictionary<string, FakeSandbox> _alive = new();
    private readonly ConcurrentQueue<string> _cleaned = new();

    public string Name => "fake";

    public EngineReport Report { get; set; } = new("fake", true, [new EngineFinding("overlay", false, "there is none", "load the module overlay")]);

    public IReadOnlyList<string> Networks { get; init; } = ["none", "proxy", "host"];

    public IReadOnlyList<string> NotEnforced { get; set; } = [];

    /// <summary>What holds limits.</summary>
    internal string EnforcedBy { get; set; } = "cgroup2";

    /// <summary>Why no sandbox can be made; null when they can.</summary>
    internal string? Broken { get; set; }

    /// <summary>What making waits for.</summary>
    internal Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Sandboxes that were not disposed.</summary>
    internal IReadOnlyCollection<FakeSandbox> Alive => [.. _alive.Values];

    /// <summary>How many were made.</summary>
    internal int Made { get; private set; }

    /// <summary>How many were to be made.</summary>
    internal int Asked { get; private set; }

    /// <summary>Ids that were cleaned up.</summary>
    internal IReadOnlyCollection<string> Cleaned => _cleaned;

    public async Task<ISandbox> CreateAsync(SandboxPlan plan, CancellationToken cancellation)
    {
        Asked++;
        await Gate.WaitAsync(cancellation);
        if (Broken is not null)
        {
            throw new SandboxException(ErrorCode.Unavailable, "sandbox_unavailable", Broken);
        }

        if (plan.Limits.Cpus is not null && NotEnforced.Contains("cpus"))
        {
            throw new SandboxException(ErrorCode.Unavailable, "limits_unavailable", "limits.cpus cannot be held");
        }

        Made++;
        var made = new FakeSandbox(plan, EnforcedBy, gone => Assert.True(_alive.TryRemove(gone.Plan.Id, out _)));
        Assert.True(_alive.TryAdd(plan.Id, made));
        Assert.True(Directory.Exists(plan.ChangesDirectory));
        File.AppendAllText(Path.Combine(plan.ChangesDirectory, "made"), "x");
        return made;
    }

    public void CleanUp(string id)
    {
        _cleaned.Enqueue(id);
        _alive.TryRemove(id, out _);
    }
}

/// <summary>A sandbox with nothing in it.</summary>
internal sealed class FakeSandbox(SandboxPlan plan, string enforcedBy, Action<FakeSandbox> disposed) : ISandbox
{
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public SandboxPlan Plan => plan;

    public int InitPid => 1;

    public string EnforcedBy => enforcedBy;

    public FileDescriptor Root { get; } = new EventFd().Handle;

    public Task Ended => _ended.Task;

    internal bool IsFrozen { get; private set; }

    internal bool IsKilled { get; private set; }

    public Task<SandboxedProcess> StartAsync(SandboxedStart start, CancellationToken cancellation) => throw new NotSupportedException();

    public SandboxTerminal OpenTerminal(int rows, int columns) => throw new NotSupportedException();

    // Of a fake that has no network, every port is any port.
    public Task<Socket> ListenAsync(int port) => Task.FromResult(NamespaceSocket.Listen(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp), 0));

    public void Kill()
    {
        IsKilled = true;
        _ended.TrySetResult();
    }

    public Task FreezeAsync()
    {
        IsFrozen = true;
        return Task.CompletedTask;
    }

    public Task ThawAsync()
    {
        IsFrozen = false;
        return Task.CompletedTask;
    }

    public SandboxUsage Usage() => new(4096, 17, 1, 512);

    public ValueTask DisposeAsync()
    {
        Root.Dispose();
        disposed(this);
        return ValueTask.CompletedTask;
    }
}
