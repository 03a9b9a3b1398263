using System.Globalization;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The tables that bridges stand behind while a service has some, and the sockets to the kernel that they take.</summary>
internal sealed class LiveBridge : IAsyncDisposable
{
    private const int MaxGroups = 16;
    private readonly NetlinkSocket _filters;
    private readonly Lock _asking = new();
    private bool _ended;

    private LiveBridge(BridgeNames names, BridgeRuleset ruleset, NetlinkSocket filters, BridgeFeed feed) => (Names, Ruleset, _filters, Feed) = (names, ruleset, filters, feed);

    /// <summary>What things are called.</summary>
    internal BridgeNames Names { get; }

    /// <summary>What nft is told.</summary>
    internal BridgeRuleset Ruleset { get; }

    /// <summary>For devices, addresses and routes.</summary>
    internal NetlinkSocket Routes { get; } = NetlinkSocket.Open(NetlinkSocket.Routes);

    /// <summary>What the kernel tells.</summary>
    internal BridgeFeed Feed { get; }

    /// <summary>Makes the tables.</summary>
    /// <param name="names">What things are called.</param>
    /// <param name="rulesetOf">What nft is told, by the number under which the kernel tells of denials.</param>
    /// <param name="run">Has nft do something, or throws.</param>
    /// <param name="denied">Told of what is refused.</param>
    /// <param name="doubtful">Told when the table is perhaps gone.</param>
    /// <exception cref="LinuxException">The kernel refused.</exception>
    internal static async Task<LiveBridge> MakeAsync(BridgeNames names, Func<int, BridgeRuleset> rulesetOf, Func<string, Task> run, Action<BridgeDenial> denied, Func<Task> doubtful)
    {
        var told = NetlinkSocket.Open(NetlinkSocket.Netfilter);
        var filters = NetlinkSocket.Open(NetlinkSocket.Netfilter);
        try
        {
            var ruleset = rulesetOf(FollowLog(told, names.Node));
            if (BridgeGuard.TryPutUp(filters, names) is < 0 and var refused)
            {
                throw new LinuxException(refused, "a table of packet filters of the service's own");
            }

            await run(ruleset.Base()).ConfigureAwait(false);
            told.Join(NetfilterMessages.ChangesGroup);
            var live = new LiveBridge(names, ruleset, filters, new BridgeFeed(told, names.Table, denied, doubtful));
            live.Feed.Begin();
            return live;
        }
        catch
        {
            told.Dispose();
            filters.Dispose();
            throw;
        }
    }

    /// <summary>What went through a device.</summary>
    internal NetworkFigures FiguresOf(int index, int maxConnections)
    {
        lock (_asking)
        {
            (long Bytes, long Packets) Count(string counter) => _ended ? default : NetfilterMessages.ReadCounter(_filters, Names.Table, $"{counter}_{BridgeRuleset.Id(index)}");
            return new(0, maxConnections, Count("made").Packets, Count("denied").Packets, Count("sent").Bytes, Count("received").Bytes);
        }
    }

    /// <summary>Whether the table is there.</summary>
    internal bool HasTable()
    {
        lock (_asking)
        {
            return !_ended && NetfilterMessages.HasTable(_filters, Names.Table);
        }
    }

    /// <summary>The guard goes with this, too.</summary>
    public async ValueTask DisposeAsync()
    {
        await Feed.DisposeAsync().ConfigureAwait(false);
        lock (_asking)
        {
            _ended = true;
            _filters.Dispose();
        }

        Routes.Dispose();
    }

    private static int FollowLog(NetlinkSocket socket, string node)
    {
        int first = int.Parse(node.AsSpan(4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        int result = 0;
        for (int tried = 0; tried < MaxGroups; tried++)
        {
            int group = Math.Max(1, (first + tried) & 0xFFFF);
            result = NetfilterMessages.TryFollowLog(socket, group);
            if (result == 0)
            {
                return group;
            }
        }

        throw new LinuxException(result, "nfnetlink_log");
    }
}
