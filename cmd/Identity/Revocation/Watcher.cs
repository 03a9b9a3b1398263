using System.Threading.Channels;
using Strata.Contracts;

namespace Strata.Identity;

/// <summary>One open watch. Its members belong to <see cref="WatcherBook"/>, except <see cref="Items"/>, which its stream reads.</summary>
internal sealed class Watcher(string id, VerifierName name)
{
    /// <summary>Items that may wait for one watcher.</summary>
    internal const int MaxWaitingItems = 256;

    private readonly Channel<WatchItem> _items = Channel.CreateBounded<WatchItem>(new BoundedChannelOptions(MaxWaitingItems) { SingleReader = true });

    internal string Id => id;

    internal VerifierName Name => name;

    /// <summary>Every change up to this one is in force at the verifier; -1 before its first word.</summary>
    internal long Confirmed { get; set; } = -1;

    internal ChannelReader<WatchItem> Items => _items.Reader;

    internal ChannelWriter<WatchItem> Waiting => _items.Writer;
}
