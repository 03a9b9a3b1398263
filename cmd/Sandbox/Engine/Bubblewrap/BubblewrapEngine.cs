using System.Globalization;
using System.Text;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Sandboxes of namespaces, set up by bubblewrap. Whoever comes later enters them from outside: the image needs nothing of ours.</summary>
internal sealed class BubblewrapEngine : ISandboxEngine, IDisposable
{
    /// <summary>How many are being made, or processes started, at once; others wait.</summary>
    internal const int MaxStarting = 32;

    private const int MaxStatusBytes = 4096;
    private const byte RunsMark = 1;

    private readonly string? _bubblewrap = new[] { "/usr/bin/bwrap", "/bin/bwrap", "/usr/local/bin/bwrap" }.FirstOrDefault(File.Exists);
    private readonly Dictionary<bool, byte[]> _filters = [];
    private readonly SandboxIds _ids = SandboxIds.Mine;
    private readonly SemaphoreSlim _starting = new(MaxStarting);
    private readonly Lazy<EngineReport> _report;

    internal BubblewrapEngine() => _report = new(() => Task.Run(() => new EngineProbe(this, _bubblewrap, _ids).RunAsync()).GetAwaiter().GetResult());

    public string Name => "bubblewrap";

    public IReadOnlyList<string> Networks => ["none", "proxy", "host"];

    public IReadOnlyList<string> NotEnforced => Groups.Plan.Cpu is null ? [SessionTerms.CpuLimit] : [];

    public EngineReport Report => _report.Value;

    internal SandboxGroups Groups { get; } = new();

    internal SpawnThread Spawner { get; } = new();

    internal DescriptorWatch Watch { get; } = new();

    /// <summary>Starts the process of a script in its turn. Its turn ends before it goes where somebody could hold it up.</summary>
    internal Task<ScriptRun> SpawnAsync(
        CallScript script, (int? In, int? Out, int? Error) standard, IReadOnlyList<int> descriptors, Action<int> admit, CancellationToken cancellation) =>
        InTurnAsync(() => ScriptRun.StartAsync(Spawner, script, standard, descriptors, admit), cancellation);

    /// <summary>Does something with the spawning thread when it is its turn.</summary>
    internal async Task<T> InTurnAsync<T>(Func<Task<T>> start, CancellationToken cancellation)
    {
        await _starting.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            return await start().ConfigureAwait(false);
        }
        finally
        {
            _starting.Release();
        }
    }

    public async Task<ISandbox> CreateAsync(SandboxPlan plan, CancellationToken cancellation)
    {
        string bubblewrap = _bubblewrap ?? throw Unavailable("bubblewrap is not installed; " + EngineProbe.InstallBubblewrap);
        SandboxRoot.Prepare(plan, _ids);
        string place = MakingScript.PlaceApartFrom([plan.ChangesDirectory, bubblewrap, .. plan.Layers, .. new[] { plan.WorkspaceDirectory, plan.ChannelDirectory }.OfType<string>()]);
        return await MakeAsync(plan, place, MakingScript.Of(plan, _ids, place, bubblewrap), cancellation).ConfigureAwait(false);
    }

    public void CleanUp(string id) => Groups.CleanUp(id);

    public void Dispose()
    {
        Spawner.Dispose();
        Watch.Dispose();
        _starting.Dispose();
    }

    private async Task<ISandbox> MakeAsync(SandboxPlan plan, string place, CallScript script, CancellationToken cancellation)
    {
        var group = Groups.Create(plan);
        try
        {
            return await MakeAsync(plan, place, script, group, cancellation).ConfigureAwait(false);
        }
        catch
        {
            Groups.Remove(group);
            throw;
        }
    }

    private async Task<ISandbox> MakeAsync(SandboxPlan plan, string place, CallScript script, SandboxGroup group, CancellationToken cancellation)
    {
        byte[] filter = FilterOf(plan.AllowsUserNamespaces);
        using var gate = Pipe.Create(nonBlockingReader: false);
        using var status = Pipe.Create();
        using var errors = Pipe.Create();
        using var filterFile = MemoryFile.Of("strata-filter", filter);
        int[] descriptors = [gate.Reader.Number, ScriptProgram.Init.Number, filterFile.Number, status.Writer.Number, status.Writer.Number];
        var run = await SpawnAsync(script, (null, null, errors.Writer.Number), descriptors, group.Admit, cancellation).ConfigureAwait(false);
        try
        {
            status.Writer.Dispose();
            errors.Writer.Dispose();
            gate.Reader.Dispose();
            int init = await AwaitInitAsync(run, gate.Writer, status.Reader, cancellation).ConfigureAwait(false) ?? throw Failed(plan, run, errors.Reader);
            return new BubblewrapSandbox(this, plan, _ids, run, init, filter, group, place);
        }
        catch
        {
            _ = run.Process.TrySignal(Signal.SIGKILL);
            await Watch.WhenReadableAsync(run.Process.Handle, CancellationToken.None).ConfigureAwait(false);
            _ = run.Process.TryReap(out _);
            run.Dispose();
            throw;
        }
    }

    /// <summary>Says whom the users inside are when the process asks, then waits until the first process of the sandbox runs; its pid, or null when it does not come to that.</summary>
    private async Task<int?> AwaitInitAsync(ScriptRun run, FileDescriptor gate, FileDescriptor status, CancellationToken cancellation)
    {
        byte[] buffer = new byte[MaxStatusBytes];
        if (await Watch.ReadAsync(status, buffer.AsMemory(0, 1), cancellation).ConfigureAwait(false) == 0)
        {
            return null;
        }

        UserNamespace.Map(run.Process.Pid, _ids.First, _ids.Count);
        _ = Descriptors.TryWrite(gate.Number, [RunsMark]);
        for (int length = 0; length < buffer.Length;)
        {
            int count = await Watch.ReadAsync(status, buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            if (count == 0)
            {
                return null;
            }

            length += count;
            if (buffer[length - 1] == RunsMark)
            {
                return ChildPid(buffer.AsSpan(0, length));
            }
        }

        return null;
    }

    private static int? ChildPid(ReadOnlySpan<byte> json)
    {
        const string key = "\"child-pid\":";
        string text = Encoding.ASCII.GetString(json);
        int at = text.IndexOf(key, StringComparison.Ordinal) + key.Length;
        string digits = new([.. text.Skip(at).SkipWhile(c => c == ' ').TakeWhile(char.IsAsciiDigit)]);
        return at >= key.Length && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
    }

    private static SandboxException Failed(SandboxPlan plan, ScriptRun run, FileDescriptor errors)
    {
        if (run.TryRead(out string call, out int result) > 0)
        {
            return Unavailable(EngineProbe.FaultOf(plan, call, result));
        }

        byte[] text = new byte[MaxStatusBytes];
        int count = Math.Max(0, Descriptors.TryRead(errors.Number, text));
        return Unavailable(count == 0 ? "bubblewrap ended without a word" : Encoding.UTF8.GetString(text, 0, count).Trim());
    }

    private static SandboxException Unavailable(string message) =>
        new(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, NamespaceAdvice.Here() is { } advice ? $"{message}; {advice}" : message);

    private byte[] FilterOf(bool allowsUserNamespaces)
    {
        lock (_filters)
        {
            return _filters.TryGetValue(allowsUserNamespaces, out byte[]? filter) ? filter : _filters[allowsUserNamespaces] = SandboxFilter.Build(allowsUserNamespaces);
        }
    }
}
