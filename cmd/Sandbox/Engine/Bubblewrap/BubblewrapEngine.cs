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
    private const byte Go = 1;

    private readonly string? _bubblewrap = BubblewrapProgram.Find(Environment.GetEnvironmentVariable("PATH"), File.Exists);
    private readonly Dictionary<bool, byte[]> _filters = [];
    private readonly IdSupply _ids;
    private readonly HostRoot _host;
    private readonly CopiedRoots _copies = new();
    private readonly SemaphoreSlim _starting = new(MaxStarting);
    private readonly Lazy<EngineReport> _report;

    /// <param name="stateDirectory">Where what sandboxes keep lies, and this machine is tried out; null for the place of temporary files.</param>
    internal BubblewrapEngine(string? stateDirectory = null)
    {
        _ids = new IdSupply(this, stateDirectory);
        _host = new HostRoot(stateDirectory);
        _report = new(() => Task.Run(() => new EngineProbe(this, _bubblewrap, stateDirectory).RunAsync()).GetAwaiter().GetResult());
    }

    public string Name => "bubblewrap";

    public IReadOnlyList<string> Networks => SandboxIds.OnDisk.IsSingle ? ["none", "proxy", "host"] : ["none", "proxy", "bridge", "host"];

    public IReadOnlyList<string> NotEnforced => Groups.Plan.Cpu is null ? [SessionTerms.CpuLimit] : [];

    // What can be mounted so is learned with every sandbox.
    public EngineReport Report => _report.Value with { Findings = [.. _report.Value.Findings.Select(_copies.Finding), _ids.Finding()] };

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
        if (plan.Layers.Count > 0)
        {
            return await MakeLayeredAsync(plan, bubblewrap, cancellation).ConfigureAwait(false);
        }

        bool isFresh = SandboxRoot.IsFresh(plan);
        // What was begun over another root, or as a whole one, stays that.
        if (SandboxRoot.IsWhole(plan) || !(_host.IsUsable || !isFresh))
        {
            return await MakeAsync(plan, bubblewrap, mayShare: true, cancellation).ConfigureAwait(false);
        }

        bool isTrial = isFresh && !_host.IsProven;
        try
        {
            var made = await MakeAsync(plan with { HostRoot = _host.Of(SandboxIds.OnDisk) }, bubblewrap, mayShare: !isTrial, cancellation).ConfigureAwait(false);
            if (plan.Limits.DiskBytes is null)
            {
                _host.Prove(); // One in memory says nothing of those on disk.
            }

            return made;
        }
        catch (Exception e) when (isTrial && e is SandboxException or UnmappedException)
        {
            // Ids of its own are worth more than a quick making.
            var made = await MakeAsync(plan, bubblewrap, mayShare: true, cancellation).ConfigureAwait(false);
            _host.Refuse(); // It was the overlay and nothing else.
            return made;
        }
    }

    public void CleanUp(string id) => Groups.CleanUp(id);

    public void Dispose()
    {
        Spawner.Dispose();
        Watch.Dispose();
        _ids.Dispose();
        _starting.Dispose();
        _host.Dispose();
        _copies.Dispose();
    }

    /// <summary>Over the layers, or over what has been copied of them; where no overlay can be mounted, they are copied.</summary>
    private async Task<ISandbox> MakeLayeredAsync(SandboxPlan plan, string bubblewrap, CancellationToken cancellation)
    {
        if (CopiedRoots.Find(plan) is { } there)
        {
            return await MakeAsync(there, bubblewrap, mayShare: true, cancellation).ConfigureAwait(false);
        }

        string? fault = _copies.FaultOf(plan);
        if (fault is null)
        {
            try
            {
                var made = await MakeAsync(plan, bubblewrap, mayShare: true, cancellation).ConfigureAwait(false);
                _copies.Prove(plan);
                return made;
            }
            catch (NoOverlayException e) when (_copies.MayReplace(plan))
            {
                fault = e.Fault;
            }
        }

        var copied = await _copies.MakeAsync(plan, cancellation).ConfigureAwait(false);
        try
        {
            var made = await MakeAsync(copied, bubblewrap, mayShare: true, cancellation).ConfigureAwait(false);
            _copies.Learn(plan, fault); // It was the overlay and nothing else.
            return made;
        }
        catch
        {
            CopiedRoots.Remove(copied);
            throw;
        }
    }

    private async Task<ISandbox> MakeAsync(SandboxPlan plan, string bubblewrap, bool mayShare, CancellationToken cancellation)
    {
        SandboxRoot.Prepare(plan, SandboxIds.OnDisk);
        string place = MakingScript.PlaceApartFrom([plan.ChangesDirectory, bubblewrap, .. plan.Lower, .. new[] { plan.WorkspaceDirectory }.OfType<string>()]);
        try
        {
            return await MakeAsync(plan, place, bubblewrap, await _ids.TakeAsync(plan, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        catch (UnmappedException e) when (mayShare)
        {
            var made = await MakeAsync(plan, place, bubblewrap, IdRange.OfDisk, cancellation).ConfigureAwait(false);
            _ids.Learn(e.Lesson); // It was that and nothing else.
            return made;
        }
    }

    private async Task<ISandbox> MakeAsync(SandboxPlan plan, string place, string bubblewrap, IdRange ids, CancellationToken cancellation)
    {
        SandboxGroup? group = null;
        try
        {
            group = Groups.Create(plan);
            return await MakeAsync(plan, place, MakingScript.Of(plan, ids.Ids, place, bubblewrap), ids, group, cancellation).ConfigureAwait(false);
        }
        catch
        {
            if (group is not null)
            {
                Groups.Remove(group);
            }

            ids.Dispose();
            throw;
        }
    }

    private async Task<ISandbox> MakeAsync(SandboxPlan plan, string place, CallScript script, IdRange ids, SandboxGroup group, CancellationToken cancellation)
    {
        byte[] filter = FilterOf(plan.AllowsUserNamespaces);
        using var gate = Pipe.Create(nonBlockingReader: false);
        using var status = Pipe.Create();
        using var ready = Pipe.Create();
        using var errors = Pipe.Create();
        using var filterFile = MemoryFile.Of("strata-filter", filter);
        int[] descriptors = [gate.Reader.Number, ScriptProgram.Init.Number, filterFile.Number, status.Writer.Number, ready.Writer.Number, .. ids.Descriptors];
        var run = await SpawnAsync(script, (null, null, errors.Writer.Number), descriptors, group.Admit, cancellation).ConfigureAwait(false);
        try
        {
            status.Writer.Dispose();
            ready.Writer.Dispose();
            errors.Writer.Dispose();
            gate.Reader.Dispose();
            int init = await AwaitInitAsync(run, ids.Ids, gate.Writer, ready.Reader, status.Reader, cancellation).ConfigureAwait(false) ?? throw Failed(plan, place, ids.Ids, run, errors.Reader);
            return new BubblewrapSandbox(this, plan, ids, run, init, filter, group, place);
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
    private async Task<int?> AwaitInitAsync(ScriptRun run, SandboxIds ids, FileDescriptor gate, FileDescriptor ready, FileDescriptor status, CancellationToken cancellation)
    {
        byte[] buffer = new byte[MaxStatusBytes];
        if (await Watch.ReadAsync(ready, buffer.AsMemory(0, 1), cancellation).ConfigureAwait(false) == 0)
        {
            return null;
        }

        UserNamespace.Map(run.Process.Pid, ids.First, ids.Count);
        _ = Descriptors.TryWrite(gate.Number, [Go]);
        if (await Watch.ReadAsync(ready, buffer.AsMemory(0, 1), cancellation).ConfigureAwait(false) == 0)
        {
            return null;
        }

        // Bubblewrap has said all it has to say before the first process runs.
        int length = Descriptors.TryRead(status.Number, buffer);
        return length > 0 ? ChildPid(buffer.AsSpan(0, length)) : null;
    }

    private static int? ChildPid(ReadOnlySpan<byte> json)
    {
        const string key = "\"child-pid\":";
        string text = Encoding.ASCII.GetString(json);
        int at = text.IndexOf(key, StringComparison.Ordinal) + key.Length;
        string digits = new([.. text.Skip(at).SkipWhile(c => c == ' ').TakeWhile(char.IsAsciiDigit)]);
        return at >= key.Length && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int pid) ? pid : null;
    }

    private static Exception Failed(SandboxPlan plan, string place, SandboxIds ids, ScriptRun run, FileDescriptor errors)
    {
        if (run.TryRead(out string call, out int result) > 0)
        {
            string fault = EngineProbe.FaultOf(plan, call, result);
            bool isOverlay = MakingScript.IsOverlay(plan, place, call) && -result is (Errno.EINVAL or Errno.ENODEV or Errno.EPERM or Errno.EOPNOTSUPP);
            return ids.IsApart && UnmappedMounts.LessonOf(plan, call, result) is { } lesson ? new UnmappedException(lesson)
                : isOverlay ? new NoOverlayException(new LinuxException(result, call).Message, Advised(fault)) : Unavailable(fault);
        }

        byte[] text = new byte[MaxStatusBytes];
        int count = Math.Max(0, Descriptors.TryRead(errors.Number, text));
        return Unavailable(count == 0 ? "bubblewrap ended without a word" : Encoding.UTF8.GetString(text, 0, count).Trim());
    }

    private static SandboxException Unavailable(string message) =>
        new(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, Advised(message));

    private static string Advised(string message) => NamespaceAdvice.Here() is { } advice ? $"{message}; {advice}" : message;

    private byte[] FilterOf(bool allowsUserNamespaces)
    {
        lock (_filters)
        {
            return _filters.TryGetValue(allowsUserNamespaces, out byte[]? filter) ? filter : _filters[allowsUserNamespaces] = SandboxFilter.Build(allowsUserNamespaces);
        }
    }

    /// <summary>An overlay could not be mounted, for a reason that is the machine's.</summary>
    private sealed class NoOverlayException(string fault, string message) : SandboxException(ErrorCode.Unavailable, SandboxReasons.SandboxUnavailable, message)
    {
        internal string Fault => fault;
    }

    /// <summary>A sandbox could not be made with ids of its own.</summary>
    private sealed class UnmappedException((string Key, string Text) lesson) : Exception(lesson.Text)
    {
        internal (string Key, string Text) Lesson => lesson;
    }
}
