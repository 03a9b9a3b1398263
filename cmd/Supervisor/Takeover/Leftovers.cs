using Strata.Linux;

namespace Strata.Supervisor;

/// <summary>Ends processes that are the node's and that nothing declares any more: asked first, then killed.</summary>
internal static class Leftovers
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    internal static Task EndAsync(IReadOnlyList<AdoptedChild> leftovers) => Task.WhenAll(leftovers.Select(child => Task.Run(() => End(child.Handle))));

    private static void End(ChildProcess process)
    {
        _ = process.TrySignalGroup(Signal.SIGTERM);
        using var epoll = new Epoll();
        epoll.Add(process.Handle.Number, EpollEvents.Readable, 1);
        _ = epoll.Wait(new EpollReady[1], (int)Patience.TotalMilliseconds);
        _ = process.TrySignalGroup(Signal.SIGKILL);
        process.Group?.Kill();
        _ = process.Group?.TryRemove();
    }
}
