using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;

namespace Strata.Registry;

/// <summary>
/// The registry's present table and everybody who follows it. Changes are made one at a time and reach every follower in
/// order; a follower that lags too far is ended rather than served with holes.
/// </summary>
internal sealed class RegistryFeed(RegistryTable table)
{
    /// <summary>Followers at once.</summary>
    internal const int MaxFollowers = 64;

    /// <summary>Followers of one user id.</summary>
    internal const int MaxFollowersPerUid = 32;

    /// <summary>Changes that may wait for one follower.</summary>
    internal const int MaxWaitingChanges = 256;

    private readonly Lock _changing = new();
    private readonly WatchPlaces _places = new("the registry", MaxFollowers, MaxFollowersPerUid);
    private readonly List<Channel<RegistryEvent>> _followers = [];
    private RegistryTable _table = table;
    private long _seq;

    internal RegistryTable Table => Volatile.Read(ref _table);

    /// <summary>The number of the last change; 0 before the first.</summary>
    internal long Seq => Volatile.Read(ref _seq);

    /// <summary>Makes a change and tells the followers.</summary>
    internal RpcError? Register(RegisterParams wanted, Registrant who)
    {
        lock (_changing)
        {
            var (next, error) = _table.Register(wanted, who);
            if (error is not null)
            {
                return error;
            }

            var entry = next.Entries[wanted.Service];
            var changed = !_table.Entries.TryGetValue(wanted.Service, out var before) || before != entry;
            Volatile.Write(ref _table, next);
            if (changed)
            {
                Tell("registered", entry);
            }

            return null;
        }
    }

    /// <summary>Removes an entry and tells the followers.</summary>
    internal RpcError? Unregister(string service, Registrant who)
    {
        lock (_changing)
        {
            var (next, error) = _table.Unregister(service, who);
            if (error is not null)
            {
                return error;
            }

            var entry = _table.Entries[service];
            Volatile.Write(ref _table, next);
            Tell("unregistered", entry);
            return null;
        }
    }

    /// <summary>Starts to follow: a snapshot, then every change after it.</summary>
    /// <param name="uid">Who follows.</param>
    /// <param name="took">Told the number of each change that the follower was sent.</param>
    internal Reply<IAsyncEnumerable<RegistryEvent>> Follow(uint uid, Action<long>? took = null) => _places.Admit(uid, () => Begin(took));

    private IAsyncEnumerable<RegistryEvent> Begin(Action<long>? took)
    {
        var channel = Channel.CreateBounded<RegistryEvent>(new BoundedChannelOptions(MaxWaitingChanges) { SingleReader = true });
        lock (_changing)
        {
            channel.Writer.TryWrite(new RegistryEvent("snapshot", _seq, [.. _table.Entries.Values]));
            _followers.Add(channel);
        }

        return Read(channel, took);
    }

    private async IAsyncEnumerable<RegistryEvent> Read(Channel<RegistryEvent> channel, Action<long>? took, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            await foreach (var change in channel.Reader.ReadAllAsync(cancellation).ConfigureAwait(false))
            {
                yield return change;
                // Asked for more: this one is on its way.
                took?.Invoke(change.Seq);
            }
        }
        finally
        {
            lock (_changing)
            {
                _followers.Remove(channel);
            }
        }
    }

    private void Tell(string kind, RegistryEntry entry)
    {
        Volatile.Write(ref _seq, _seq + 1);
        var change = new RegistryEvent(kind, _seq, Entry: entry);
        foreach (var follower in _followers.ToArray())
        {
            if (!follower.Writer.TryWrite(change))
            {
                _followers.Remove(follower);
                follower.Writer.TryComplete(new RpcException(RpcError.ResourceExhausted("this watch fell too far behind; start a new one", "watch_lagging")));
            }
        }
    }
}
