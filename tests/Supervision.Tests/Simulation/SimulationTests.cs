using System.Globalization;

namespace Strata.Supervision.Tests.Simulation;

/// <summary>
/// Random nodes in a random world. STRATA_SIM_RUNS sets how many seeds are run (default 10000, from 1 on); a failure names
/// its seed and tells its events, and STRATA_SIM_SEED runs that one alone.
/// </summary>
public sealed class SimulationTests
{
    private const int DefaultRuns = 10_000;

    private const int MaxToldChars = 20_000;

    [Fact]
    public void No_invariant_breaks_in_any_random_world()
    {
        var (runs, steps, simulated) = (0, 0L, TimeSpan.Zero);
        var spent = Environment.CpuUsage.TotalTime;
        foreach (var seed in Seeds(DefaultRuns))
        {
            var node = Run(seed);
            (runs, steps, simulated) = (runs + 1, steps + node.Steps, simulated + node.Elapsed);
        }

        // The CPU of the whole process counts, other tests of this program included: the figure is a lower bound.
        spent = Environment.CpuUsage.TotalTime - spent;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"simulation: {runs} seeds, {steps} steps, {simulated.TotalHours:0} hours simulated in {spent.TotalSeconds:0.0} s of CPU, {simulated.TotalHours / spent.TotalMinutes:0} hours a CPU-minute"));
    }

    [Fact]
    public void Steps_of_the_wall_clock_change_no_decision()
    {
        foreach (var seed in Seeds(100))
        {
            Assert.True(
                Run(seed, stepWall: false, trace: true, calendar: false).Trace.SequenceEqual(Run(seed, stepWall: true, trace: true, calendar: false).Trace), $"seed {seed}");
        }
    }

    [Fact]
    public void The_same_seed_gives_the_same_run() => Assert.Equal(Run(42, trace: true).Trace, Run(42, trace: true).Trace);

    [Fact]
    public void A_broken_invariant_is_told_with_its_seed_and_its_steps()
    {
        var node = new SimulatedNode(7);
        node.Run();

        var failure = Failure(7, node, new BrokenInvariantException("for example")).Message;

        Assert.Contains("STRATA_SIM_SEED=7", failure, StringComparison.Ordinal);
        Assert.Contains("for example", failure, StringComparison.Ordinal);
        Assert.Contains("00:00:00 StartAll", failure, StringComparison.Ordinal);
        Assert.Contains(" requires [] wants [", failure, StringComparison.Ordinal);
    }

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

    private static SimulatedNode Run(int seed, bool stepWall = true, bool trace = false, bool calendar = true)
    {
        var node = new SimulatedNode(seed, stepWall, trace, calendar);
        try
        {
            node.Run();
            return node;
        }
        catch (Exception failure)
        {
            throw Failure(seed, node, failure);
        }
    }

    private static BrokenInvariantException Failure(int seed, SimulatedNode node, Exception failure)
    {
        var story = node.Story;
        var told = story.Length <= MaxToldChars ? story : $"{story[..(MaxToldChars / 2)]}\n...\n{story[^(MaxToldChars / 2)..]}";
        return new BrokenInvariantException($"seed {seed} (run it alone with STRATA_SIM_SEED={seed}): {failure}\nThe services, and what happened:\n{told}");
    }
}
