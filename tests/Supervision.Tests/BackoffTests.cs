namespace Strata.Supervision.Tests;

public sealed class BackoffTests
{
    private static readonly QuarantinePolicy Never = new() { Crashes = 100, Window = TimeSpan.FromSeconds(1) };

    [Fact]
    public void The_first_restart_of_a_healthy_service_comes_within_100_ms()
    {
        var node = Node.Running(Node.Service("a"));

        node.Exits("a");

        Assert.InRange(node.ToDeadline(), TimeSpan.FromMilliseconds(85), TimeSpan.FromMilliseconds(100));
        Assert.True(node.Did<Effect.Spawn>(s => s.Incarnation == 2));
    }

    [Fact]
    public void Backoff_doubles_up_to_its_maximum_and_never_exceeds_it()
    {
        var node = Node.Running(Node.Service("a") with { Quarantine = Never });
        for (var crash = 1; crash <= 40; crash++)
        {
            node.Exits("a");
            var full = TimeSpan.FromMilliseconds(Math.Min(100 * Math.Pow(2, crash - 1), 30_000));
            var wait = node["a"].Timer!.Value.Due - node.Clock;
            Assert.InRange(wait, full * 0.85 - TimeSpan.FromMilliseconds(1), full);
            node.Recover("a");
        }
    }

    [Fact]
    public void A_series_beyond_any_number_still_waits_the_maximum() =>
        Assert.Equal(BackoffPolicy.Default.Max, BackoffPolicy.Default.Delay(int.MaxValue, 0));

    [Fact]
    public void Backoff_resets_after_a_healthy_minute()
    {
        var node = CrashedThrice();
        node.Recover("a");
        node.Pass(TimeSpan.FromSeconds(60));

        node.Exits("a");

        Assert.Equal(1, node["a"].ConsecutiveCrashes);
    }

    [Fact]
    public void Backoff_does_not_reset_a_millisecond_before_the_healthy_minute()
    {
        var node = CrashedThrice();
        node.Recover("a");
        node.Pass(TimeSpan.FromSeconds(60) - TimeSpan.FromMilliseconds(1));

        node.Exits("a");

        Assert.Equal(4, node["a"].ConsecutiveCrashes);
    }

    [Fact]
    public void Jitter_differs_from_draw_to_draw_and_repeats_with_its_seed()
    {
        var (first, next) = new JitterSource(7).Draw();
        var (second, _) = next.Draw();

        Assert.NotEqual(first, second);
        Assert.Equal(first, new JitterSource(7).Draw().Fraction);
    }

    [Fact]
    public void Jitter_spreads_over_its_whole_range()
    {
        var source = new JitterSource(1);
        var tenths = new int[10];
        for (var i = 0; i < 10_000; i++)
        {
            (var fraction, source) = source.Draw();
            tenths[(int)(fraction * 10)]++;
        }

        Assert.All(tenths, count => Assert.InRange(count, 850, 1150));
    }

    [Fact]
    public void A_start_during_the_backoff_does_not_wait_for_it()
    {
        var node = CrashedThrice();

        Assert.Equal(CommandStatus.Ok, node.Start("a").Status);

        Assert.True(node.Did<Effect.Spawn>());
        Assert.Equal(0, node["a"].ConsecutiveCrashes);
    }

    private static Node CrashedThrice()
    {
        var node = Node.Running(Node.Service("a") with { Quarantine = Never });
        node.Exits("a");
        node.Recover("a");
        node.Exits("a");
        node.Recover("a");
        node.Exits("a");
        return node;
    }
}
