namespace Strata.Hosting;

/// <summary>Work that is done one piece after another, in the order it was asked for, without holding a thread meanwhile.</summary>
internal sealed class TurnQueue
{
    private readonly Lock _queueing = new();
    private Task _last = Task.CompletedTask;

    /// <summary>Runs work behind all that was asked for before, whatever came of that.</summary>
    internal Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        lock (_queueing)
        {
            var mine = AfterAsync(_last, work);
            _last = mine;
            return mine;
        }
    }

    private static async Task<T> AfterAsync<T>(Task before, Func<Task<T>> work)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await work().ConfigureAwait(false);
    }
}
