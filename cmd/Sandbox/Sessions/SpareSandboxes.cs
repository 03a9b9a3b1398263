using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// Sandboxes that are there before anybody asks for them, made like the last one that was asked for, each for one session that is like it. Each has a session's
/// id and directory, without the record that makes a session of it: what is left of one after a crash is cleared away as of a session that was never whole.
/// </summary>
/// <param name="engine">Makes them.</param>
/// <param name="store">Their directories.</param>
/// <param name="discard">Removes all of one by its id; never throws.</param>
/// <param name="most">How many there are.</param>
internal sealed class SpareSandboxes(ISandboxEngine engine, SessionStore store, Action<string> discard, int most)
{
    private readonly Lock _lock = new();
    private readonly List<ISandbox> _ready = [];
    private Task _filling = Task.CompletedTask;
    private bool _ended;

    /// <summary>Takes one; null when there is none like it.</summary>
    internal ISandbox? Take(SandboxPlan plan)
    {
        lock (_lock)
        {
            var found = _ready.Find(spare => IsFor(spare, plan));
            _ = found is not null && _ready.Remove(found);
            return found;
        }
    }

    /// <summary>Has others made for those who ask for the same, when nobody waits for it.</summary>
    internal void Fill(SandboxPlan plan)
    {
        if (most == 0 || !CanBe(plan))
        {
            return;
        }

        lock (_lock)
        {
            if (!_ended && _filling.IsCompleted)
            {
                _filling = Task.Run(() => FillAsync(plan));
            }
        }
    }

    /// <summary>Ends all of them.</summary>
    internal async Task EndAsync()
    {
        Task filling;
        lock (_lock)
        {
            _ended = true;
            filling = _filling;
        }

        await filling.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndAsync(_ => true).ConfigureAwait(false);
    }

    /// <summary>Whether there are any like that: of the built-in image, with nothing that is one session's alone.</summary>
    private static bool CanBe(SandboxPlan plan) => plan.Layers.Count == 0 && plan.WorkspaceDirectory is null && plan.NameServers.Count == 0;

    /// <summary>Whether it is alive, and what it was made from differs from a plan in nothing but whose it is.</summary>
    private static bool IsFor(ISandbox spare, SandboxPlan plan) => CanBe(plan) && !spare.Ended.IsCompleted
        && spare.Plan with { Id = plan.Id, ChangesDirectory = plan.ChangesDirectory, Layers = plan.Layers, NameServers = plan.NameServers, HostRoot = plan.HostRoot } == plan;

    private async Task FillAsync(SandboxPlan plan)
    {
        await EndAsync(spare => !IsFor(spare, plan)).ConfigureAwait(false);
        while (HasRoom())
        {
            var id = SecureRandom.Hex(8);
            try
            {
                store.Make(id);
                var spare = await engine.CreateAsync(plan with { Id = id, ChangesDirectory = store.ChangesOf(id) }, CancellationToken.None).ConfigureAwait(false);
                lock (_lock)
                {
                    _ready.Add(spare);
                }
            }
            catch (Exception e) when (e is SandboxException || StateFault.Is(e))
            {
                // Whoever asks next makes one and is told why that fails.
                discard(id);
                return;
            }
        }
    }

    private bool HasRoom()
    {
        lock (_lock)
        {
            return !_ended && _ready.Count < most;
        }
    }

    private async Task EndAsync(Predicate<ISandbox> which)
    {
        List<ISandbox> ending;
        lock (_lock)
        {
            ending = _ready.FindAll(which);
            _ = _ready.RemoveAll(which);
        }

        foreach (var spare in ending)
        {
            await spare.DisposeAsync().ConfigureAwait(false);
            discard(spare.Plan.Id);
        }
    }
}
