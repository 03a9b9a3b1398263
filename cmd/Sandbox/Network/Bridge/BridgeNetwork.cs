using System.Net;

namespace Strata.Sandbox;

/// <summary>A session's way out by a device of its own: the kernel holds its packets to the rules.</summary>
internal sealed class BridgeNetwork : ISessionNetwork
{
    private readonly NodeBridge _bridge;
    private readonly DenialRecord _denials;
    private volatile NetworkRules _rules;
    private int _ended;

    /// <param name="bridge">What all share.</param>
    /// <param name="index">Its place in the pool.</param>
    /// <param name="address">Its address.</param>
    /// <param name="rules">What it may reach.</param>
    /// <param name="denials">Told of what it may not.</param>
    internal BridgeNetwork(NodeBridge bridge, int index, IPAddress address, NetworkRules rules, DenialRecord denials) =>
        (_bridge, Index, Address, _rules, _denials) = (bridge, index, address, rules, denials);

    internal int Index { get; }

    internal IPAddress Address { get; }

    public NetworkRules Rules => _rules;

    public IEnumerable<KeyValuePair<string, string>> Environment => [];

    public NetworkFigures Figures() => _bridge.FiguresOf(this);

    public async Task ApplyAsync(NetworkRules rules)
    {
        await _bridge.ChangeAsync(this, rules, () => _rules = rules).ConfigureAwait(false);
    }

    /// <summary>A packet of it was refused.</summary>
    internal void Note(BridgeDenial denial) => _denials.Note(denial.Target, denial.Why == BridgeDenial.Denied ? ReasonOf(denial) : denial.Why);

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            await _bridge.LeaveAsync(this).ConfigureAwait(false);
        }
    }

    private string ReasonOf(BridgeDenial denial) => denial.To is { } to
        ? _rules.DenialOf(to, denial.Port, byName: false, HostAddresses.Contain(to), _bridge.Reachable) ?? NetworkReasons.AddressBlocked
        : NetworkReasons.DestinationDenied;
}
