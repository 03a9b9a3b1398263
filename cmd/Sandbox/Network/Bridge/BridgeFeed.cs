using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Hears from the packet filters: what they refused, and that a table is gone.</summary>
internal sealed class BridgeFeed : IAsyncDisposable
{
    private const int MaxBytes = 65536;
    private readonly NetlinkSocket _socket;
    private readonly DescriptorWatch _watch = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Action<BridgeDenial> _denied;
    private readonly Func<Task> _doubtful;
    private readonly string _table;
    private readonly Lock _taking = new();
    private readonly byte[] _buffer = new byte[MaxBytes];
    private Task _run = Task.CompletedTask;

    /// <param name="socket">Told of both already; owned from here on.</param>
    /// <param name="table">The table whose end is of interest.</param>
    /// <param name="denied">Told of each refusal.</param>
    /// <param name="doubtful">Told when the table is perhaps gone.</param>
    internal BridgeFeed(NetlinkSocket socket, string table, Action<BridgeDenial> denied, Func<Task> doubtful) =>
        (_socket, _table, _denied, _doubtful) = (socket, table, denied, doubtful);

    internal void Begin() => _run = Task.Run(RunAsync);

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _watch.Dispose();
        _socket.Dispose();
        _ending.Dispose();
    }

    /// <summary>Takes all that was told so far.</summary>
    /// <returns>Whether the table is perhaps gone.</returns>
    internal bool Take()
    {
        bool doubtful = false;
        lock (_taking)
        {
            for (int count; (count = _socket.TryReceive(_buffer)) != -Errno.EAGAIN;)
            {
                // Too much came at once to be told of all of it: then nobody knows.
                doubtful |= count > 0 ? Hear(_buffer.AsSpan(0, count)) : count != -Errno.EINTR;
            }
        }

        return doubtful;
    }

    private async Task RunAsync()
    {
        while (true)
        {
            await _watch.WhenReadableAsync(_socket.Handle, _ending.Token).ConfigureAwait(false);
            if (Take())
            {
                await _doubtful().ConfigureAwait(false);
            }
        }
    }

    /// <returns>Whether the table is gone, as it seems.</returns>
    private bool Hear(ReadOnlySpan<byte> received)
    {
        bool gone = false;
        while (NetlinkSocket.TryTake(ref received, out ushort type, out var content))
        {
            if (type == NetfilterMessages.LoggedPacket && BridgeDenial.Read(content) is { } denial)
            {
                _denied(denial);
            }

            gone |= type == NetfilterMessages.TableGone && NetfilterMessages.Names(content, _table);
        }

        return gone;
    }
}
