using System.Collections.Concurrent;
using System.Globalization;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What the bridges of a node share: the pool of addresses, the table of packet filters, and what the kernel tells of them. Nothing of it is there before the first session asks.</summary>
internal sealed class NodeBridge : IAsyncDisposable
{
    private const int MaxTries = 16;

    private readonly SandboxOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly BridgePool _pool;
    private readonly SemaphoreSlim _changing = new(1);
    private readonly ConcurrentDictionary<int, BridgeNetwork> _networks = new();
    private readonly Lazy<SpawnThread> _spawner = new(() => new SpawnThread());
    private readonly Lazy<NftProgram> _nft;
    private readonly BridgeMark _mark;
    private LiveBridge? _live;
    private int _disposed;

    internal NodeBridge(SandboxOptions options, TimeProvider time, ILogger log)
    {
        (_options, _time, _log, _pool, _mark) = (options, time, log, new BridgePool(options.BridgePool, uint.Parse(SecureRandom.Hex(sizeof(uint)), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)), new BridgeMark(options.StateDirectory));
        _nft = new(() => new NftProgram(_spawner.Value));
    }

    /// <summary>What the node allows of reserved addresses.</summary>
    internal IReadOnlyList<System.Net.IPNetwork> Reachable => _options.Reachable;

    /// <summary>Takes away what an earlier process of this service left, as after kill -9. What was in its sandboxes has ended with it.</summary>
    internal async Task ReconcileAsync()
    {
        if (_mark.Read() is not { } node)
        {
            return;
        }

        var names = new BridgeNames(node);
        string? fault = await _nft.Value.RunAsync(RulesetOf(names, 0).End()).ConfigureAwait(false);
        try
        {
            using var routes = NetlinkSocket.Open(NetlinkSocket.Routes);
            foreach (string device in Devices().Where(name => name.StartsWith(names.Devices, StringComparison.Ordinal)))
            {
                int removed = BridgeLink.TryRemove(routes, device);
                fault ??= removed is < 0 and not -Errno.ENODEV ? $"{device}: {Errno.Name(-removed)}" : null;
            }
        }
        catch (LinuxException e)
        {
            fault ??= e.Message;
        }

        if (fault is null)
        {
            _mark.Delete();
        }
        else
        {
            _log.BridgeNotRemoved(names.Table, fault);
        }
    }

    /// <summary>What this machine lacks for bridges, found out by asking it.</summary>
    internal async Task<EngineFinding> FindAsync()
    {
        string fault, remedy;
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            if (await BridgeProbe.FindAsync(_nft.Value, _pool, _options.Reachable, _options.BridgeLimits).ConfigureAwait(false) is not { } found)
            {
                return new("bridge", true, string.Create(CultureInfo.InvariantCulture, $"devices, packet filters and forwarding are there; {_networks.Count} of {_pool.Capacity} addresses of {_pool.Range} are taken"), null);
            }

            (fault, remedy) = found;
        }
        finally
        {
            _changing.Release();
        }

        return new("bridge", false, fault, remedy);
    }

    /// <summary>Gives a sandbox a device, before any program of it runs.</summary>
    /// <param name="sandbox">The sandbox.</param>
    /// <param name="rules">What it may reach.</param>
    /// <param name="denied">Told where to and why not.</param>
    /// <exception cref="SandboxException">It cannot be; nothing of it stays.</exception>
    internal async Task<BridgeNetwork> JoinAsync(ISandbox sandbox, NetworkRules rules, Action<string, string> denied)
    {
        var denials = new DenialRecord(_options.NetworkLimits.RecordedDenials, _time, denied);
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            var live = await BeginAsync().ConfigureAwait(false);
            using var inside = await sandbox.EnterNetworkAsync().ConfigureAwait(false);
            for (int tried = 0; tried < MaxTries; tried++)
            {
                int index = _pool.TryTake() ?? throw new SandboxException(ErrorCode.ResourceExhausted, SandboxReasons.AddressesExhausted,
                    string.Create(CultureInfo.InvariantCulture, $"all {_pool.Capacity} addresses of {_pool.Range} are taken; close a session with network bridge, or make STRATA_SANDBOX_BRIDGE_POOL larger"));
                if (await TryJoinAsync(live, new BridgeNetwork(this, index, _pool.AddressOf(index), rules, denials), inside).ConfigureAwait(false) is { } joined)
                {
                    return joined;
                }
            }

            throw Unavailable($"something else on this host has many addresses of {_pool.Range}; set STRATA_SANDBOX_BRIDGE_POOL to a range that nothing else uses");
        }
        catch (LinuxException e)
        {
            throw Unavailable($"{e.Message}; sandbox.doctor says what this machine lacks");
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Has other rules hold.</summary>
    internal async Task ChangeAsync(BridgeNetwork network, NetworkRules rules, Action changed)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            await RunAsync(Require().Ruleset.Change(network.Index, rules)).ConfigureAwait(false);
            changed();
        }
        finally
        {
            _changing.Release();
        }
    }

    /// <summary>Takes a sandbox's device and filters away.</summary>
    internal async Task LeaveAsync(BridgeNetwork network)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        bool doubtful;
        try
        {
            // What it was refused until now is told yet.
            doubtful = Require().Feed.Take();
            _networks.TryRemove(network.Index, out _);
            await RemoveAsync(Require(), network).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }

        if (doubtful)
        {
            await RepairAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What went through a device.</summary>
    internal NetworkFigures FiguresOf(BridgeNetwork network) => _live?.FiguresOf(network.Index, _options.BridgeLimits.MaxConnections) ?? NetworkFigures.None;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 1)
        {
            return;
        }

        if (_live is { } live)
        {
            _live = null;
            string? fault = await _nft.Value.RunAsync(live.Ruleset.End()).ConfigureAwait(false);
            await live.DisposeAsync().ConfigureAwait(false);
            if (fault is null)
            {
                _mark.Delete();
            }
            else
            {
                _log.BridgeNotRemoved(live.Names.Table, fault);
            }
        }

        if (_spawner.IsValueCreated)
        {
            _spawner.Value.Dispose();
        }
    }

    private static IEnumerable<string> Devices() => NetworkInterface.GetAllNetworkInterfaces().Select(device => device.Name);

    private static SandboxException Unavailable(string message) => new(ErrorCode.Unavailable, SandboxReasons.NetworkUnavailable, $"a bridge cannot be made: {message}");

    private BridgeRuleset RulesetOf(BridgeNames names, int group) => new(names, group, _options.Reachable, _options.BridgeLimits);

    private LiveBridge Require() => _live ?? throw Unavailable("the service stops");

    /// <summary>The table, made when it is not there.</summary>
    private async Task<LiveBridge> BeginAsync()
    {
        if (_live is { } known && BridgeProbe.Forwards)
        {
            await RepairInTurnAsync().ConfigureAwait(false);
            return known;
        }

        if (await BridgeProbe.FindAsync(_nft.Value, _pool, _options.Reachable, _options.BridgeLimits).ConfigureAwait(false) is var (fault, remedy))
        {
            throw Unavailable($"{fault}; {remedy}");
        }

        string node = _mark.Read() ?? SecureRandom.Hex(4);
        // Before there is anything that somebody else would have to find.
        _mark.Write(node);
        return _live ??= await LiveBridge.MakeAsync(new BridgeNames(node), group => RulesetOf(new BridgeNames(node), group), RunAsync, Denied, RepairAsync).ConfigureAwait(false);
    }

    /// <summary>Null when its address is somebody else's.</summary>
    private async Task<BridgeNetwork?> TryJoinAsync(LiveBridge live, BridgeNetwork network, NetlinkSocket inside)
    {
        string device = live.Names.Device(network.Index);
        await RunAsync(live.Ruleset.Begin(network.Index, network.Address, network.Rules)).ConfigureAwait(false);
        try
        {
            using var space = inside.OpenNamespace();
            // Filters first: there is no moment at which a device carries packets that nobody looks at.
            int made = BridgeLink.TryMake(live.Routes, device, network.Address, space, BridgeNames.Inside);
            if (made < 0)
            {
                throw new LinuxException(made, "a pair of devices", device);
            }

            BridgeLink.RaiseHost(live.Routes, device, _pool.Gateway, network.Address);
            BridgeLink.RaiseInside(inside, network.Address);
            _networks[network.Index] = network;
            return network;
        }
        catch (LinuxException e) when (e.Errno == Errno.EEXIST)
        {
            // Not given back: whoever has it keeps it.
            await UndoAsync(live, network).ConfigureAwait(false);
            return null;
        }
        catch
        {
            await RemoveAsync(live, network).ConfigureAwait(false);
            throw;
        }
    }

    private async Task RemoveAsync(LiveBridge live, BridgeNetwork network)
    {
        if (await UndoAsync(live, network).ConfigureAwait(false))
        {
            _pool.Return(network.Index);
        }
    }

    private async Task<bool> UndoAsync(LiveBridge live, BridgeNetwork network)
    {
        string device = live.Names.Device(network.Index);
        int removed = BridgeLink.TryRemove(live.Routes, device);
        string? fault = removed is < 0 and not -Errno.ENODEV ? Errno.Name(-removed) : await _nft.Value.RunAsync(live.Ruleset.End(network.Index)).ConfigureAwait(false);
        if (fault is not null)
        {
            _log.BridgeNotRemoved(device, fault);
        }

        return fault is null;
    }

    private void Denied(BridgeDenial denial)
    {
        if (_networks.TryGetValue(denial.Index, out var network))
        {
            network.Note(denial);
        }
    }

    /// <summary>Somebody may have flushed all packet filters of this host, as the service nftables does when it is restarted: nothing goes until they are back.</summary>
    private async Task RepairAsync()
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            await RepairInTurnAsync().ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task RepairInTurnAsync()
    {
        if (_live is { } live && !live.HasTable())
        {
            var all = _networks.Values.ToList();
            all.ForEach(network => Turn(live, network, up: false));
            string? fault = await _nft.Value.RunAsync(live.Ruleset.Base() + string.Concat(all.Select(network => live.Ruleset.Begin(network.Index, network.Address, network.Rules)))).ConfigureAwait(false);
            _log.BridgeRepaired(live.Names.Table, fault ?? "they are as they were");
            if (fault is null)
            {
                all.ForEach(network => Turn(live, network, up: true));
            }
        }
    }

    private void Turn(LiveBridge live, BridgeNetwork network, bool up)
    {
        try
        {
            string device = live.Names.Device(network.Index);
            BridgeLink.Turn(live.Routes, device, up);
            if (up)
            {
                BridgeLink.AddRoute(live.Routes, device, _pool.Gateway, network.Address);
            }
        }
        catch (LinuxException e)
        {
            // Its sandbox has ended meanwhile.
            _log.BridgeNotRemoved(live.Names.Device(network.Index), e.Message);
        }
    }

    private async Task RunAsync(string commands)
    {
        if (await _nft.Value.RunAsync(commands).ConfigureAwait(false) is { } fault)
        {
            throw Unavailable(fault);
        }
    }
}
