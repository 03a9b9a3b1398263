using System.Runtime.CompilerServices;
using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>
/// The places of those who follow something that anybody may follow. One user takes a part of them at most, so that a
/// stranger who takes what it can keeps nobody else out. Safe from any thread.
/// </summary>
/// <param name="what">What is followed, for the refusal, e.g. <c>the registry</c>.</param>
/// <param name="max">Places in all.</param>
/// <param name="maxPerUid">Places of one user id.</param>
public sealed class WatchPlaces(string what, int max, int maxPerUid)
{
    private readonly ConnectionQuota _quota = new(max, maxPerUid);

    /// <summary>Streams to a user for as long as it stays, or says that there is no place.</summary>
    /// <param name="uid">The user.</param>
    /// <param name="begin">Begins to follow; called only when there is a place.</param>
    public Reply<IAsyncEnumerable<T>> Admit<T>(uint uid, Func<IAsyncEnumerable<T>> begin) => _quota.TryTake(uid) is null
        ? Reply.Ok(Hold(uid, begin()))
        : RpcError.ResourceExhausted(
            $"{what} is followed by as many as may: {max} in all, {maxPerUid} of one user; end a watch, or try again later", "too_many_watchers");

    private async IAsyncEnumerable<T> Hold<T>(uint uid, IAsyncEnumerable<T> items, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        try
        {
            await foreach (var item in items.WithCancellation(cancellation).ConfigureAwait(false))
            {
                yield return item;
            }
        }
        finally
        {
            _quota.Release(uid);
        }
    }
}
