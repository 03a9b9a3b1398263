using System.Globalization;

namespace Strata.Supervision.Tests.Simulation;

/// <summary>
/// Random nodes in a random world. STRATA_SIM_RUNS sets how many seeds are run (default 2500, from 1 on); a failure names
/// its seed, and STRATA_SIM_SEED runs that one alone.
/// </summary>
public sealed class SimulationTests
{
    private const int DefaultRuns = 2500;

    [Fact]
    public void No_invariant_breaks_in_any_random_world()
    {
        foreach (var seed in Seeds(DefaultRuns))
        {
            Guarded(seed, () => new SimulatedNode(seed).Run());
        }
    }

    [Fact]
    public void Steps_of_the_wall_clock_change_no_decision()
    {
        foreach (var seed in Seeds(100))
        {
            Guarded(seed, () => Assert.Equal(TraceOf(seed, stepWall: false), TraceOf(seed, stepWall: true)));
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_run() => Assert.Equal(TraceOf(42, stepWall: true), TraceOf(42, stepWall: true));

    private static IEnumerable<int> Seeds(int count)
    {
        if (Setting("STRATA_SIM_SEED") is { } seed)
        {
            return [seed];
        }

        return Enumerable.Range(1, Setting("STRATA_SIM_RUNS") ?? count);
    }

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), CultureInfo.InvariantCulture, out var value) ? value : null;

    private static IReadOnlyList<string> TraceOf(int seed, bool stepWall)
    {
        var node = new SimulatedNode(seed, stepWall);
        node.Run();
        return node.Trace;
    }

    private static void Guarded(int seed, Action run)
    {
        try
        {
            run();
        }
        catch (Exception failure)
        {
            throw new BrokenInvariantException($"seed {seed} (run it alone with STRATA_SIM_SEED={seed}): {failure}");
        }
    }
}
