using System.Collections.Immutable;

namespace Strata.Supervision.Tests;

public sealed class DependencyGraphTests
{
    [Fact]
    public void Levels_hold_what_may_start_together()
    {
        var graph = Graph(Node.Service("d", "b", "c"), Node.Service("b", "a"), Node.Service("c", "a"), Node.Service("a"), Node.Service("z"));

        Assert.Equal([["a", "z"], ["b", "c"], ["d"]], graph.Levels.Select(level => level.ToArray()));
        Assert.Equal(["d", "c", "b", "z", "a"], graph.StopOrder);
        Assert.Equal(["b", "c"], graph.Dependants("a"));
    }

    [Fact]
    public void A_cycle_is_reported_as_a_path_of_names()
    {
        var fault = Assert.Single(Faults(
            Node.Service("x", "a"), Node.Service("a", "b"), Node.Service("b", "c"), Node.Service("c", "a")));

        Assert.Contains("a -> b -> c -> a", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_cycle_over_a_soft_dependency_is_one_too()
    {
        var fault = Assert.Single(Faults(Node.Service("a", "b"), Node.Service("b") with { Wants = ["a"] }));

        Assert.Contains("a -> b -> a", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_unknown_hard_dependency_is_named_with_the_nearest_known_one()
    {
        var faults = Faults(Node.Service("identity"), Node.Service("fs", "identiy", "qqqqqqqq"));

        Assert.Equal(
            ["fs: requires: identiy is not a declared service; did you mean identity?", "fs: requires: qqqqqqqq is not a declared service"],
            faults.Select(f => f.ToString()));
    }

    [Fact]
    public void An_unknown_soft_dependency_is_done_without()
    {
        var graph = Graph(Node.Service("a") with { Wants = ["absent"] });

        Assert.Empty(graph.Wants("a"));
    }

    [Fact]
    public void Random_graphs_start_after_and_stop_before_all_they_depend_on()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var graph = Graph([.. RandomServices(random, cyclic: false)]);
            var position = graph.StartOrder.Index().ToDictionary(p => p.Item, p => p.Index);
            foreach (var name in graph.StartOrder)
            {
                Assert.All(graph.Requires(name).Concat(graph.Wants(name)).Concat(graph.After(name)), other => Assert.True(position[other] < position[name], $"seed {seed}"));
            }

            Assert.Equal(graph.StartOrder.Reverse(), graph.StopOrder);
        }
    }

    [Fact]
    public void Random_graphs_with_back_edges_report_a_cycle_that_exists()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var services = RandomServices(new Random(seed), cyclic: true).ToArray();
            var path = Assert.Single(Faults(services)).Message.Split(": ")[1].Split(';')[0].Split(" -> ");
            Assert.Equal(path[0], path[^1]);
            foreach (var (from, to) in path.Zip(path.Skip(1)))
            {
                var service = services.Single(s => s.Name == from);
                Assert.Contains(to, service.Requires.Concat(service.Wants));
            }
        }
    }

    [Fact]
    public void The_longest_possible_chain_is_ordered()
    {
        var chain = Enumerable.Range(0, ManifestLimits.MaxServices)
            .Select(i => i == 0 ? Node.Service("s0") : Node.Service($"s{i}", $"s{i - 1}")).ToArray();

        Assert.Equal(ManifestLimits.MaxServices, Graph(chain).Levels.Length);
    }

    internal static IEnumerable<ServiceManifest> RandomServices(Random random, bool cyclic)
    {
        var count = random.Next(2, 12);
        var requires = Enumerable.Range(0, count).Select(i => Enumerable.Range(0, i).Where(_ => random.Next(3) == 0).ToHashSet()).ToArray();
        if (cyclic)
        {
            var last = random.Next(1, count);
            requires[last].Add(0);
            requires[0].Add(last);
        }

        return requires.Index().Select(r => new ServiceManifest
        {
            Name = $"s{r.Index}",
            Program = "p",
            Requires = [.. r.Item.Where(i => cyclic || i % 2 == 0).Select(i => $"s{i}")],
            Wants = [.. r.Item.Where(i => !cyclic && i % 4 == 1).Select(i => $"s{i}")],
            After = [.. r.Item.Where(i => !cyclic && i % 4 == 3).Select(i => $"s{i}")],
        });
    }

    private static DependencyGraph Graph(params ServiceManifest[] services)
    {
        Assert.True(DependencyGraph.TryCreate(services, out var graph, out var faults), string.Join("; ", faults));
        return graph;
    }

    private static ImmutableArray<ManifestFault> Faults(params ServiceManifest[] services)
    {
        Assert.False(DependencyGraph.TryCreate(services, out _, out var faults));
        return faults;
    }
}
