namespace Strata.Supervision.Tests;

public sealed class RegistrationTests
{
    [Fact]
    public void A_service_is_registered_when_it_is_healthy()
    {
        var node = new Node(Node.Service("registry"), Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());
        node.ComeUp("registry");
        node.Spawned("a");
        Assert.False(node.Did<Effect.Register>());

        node.Ready("a");

        Assert.True(node.Did<Effect.Register>(r => r.Name == "a"));
    }

    [Fact]
    public void What_was_healthy_before_the_registry_is_registered_with_it()
    {
        var node = new Node(Node.Service("registry"), Node.Service("a"));
        node.Apply(new NodeEvent.StartAll());
        node.ComeUp("a");
        Assert.False(node.Did<Effect.Register>());

        node.ComeUp("registry");

        Assert.Equal(["a", "registry"], Assert.Single(node.Effects.OfType<Effect.RestoreRegistrations>()).Names);
    }

    [Fact]
    public void Every_entry_comes_back_after_a_crash_of_the_registry()
    {
        var node = Node.Running(Node.Service("registry"), Node.Service("a"), Node.Service("b"));
        node.Exits("registry");
        node.Stop("b");
        Assert.False(node.Did<Effect.Unregister>());

        node.Recover("registry");

        Assert.Equal(["a", "registry"], Assert.Single(node.Effects.OfType<Effect.RestoreRegistrations>()).Names);
    }

    [Fact]
    public void A_crashed_service_stays_registered_because_its_socket_keeps_accepting()
    {
        var node = Node.Running(Node.Service("registry"), Node.Service("a"));

        node.Exits("a");

        Assert.True(node["a"].Listed);
        Assert.False(node.Did<Effect.Unregister>());
    }

    [Fact]
    public void A_stopped_service_leaves_the_registry_before_it_drains()
    {
        var node = Node.Running(Node.Service("registry"), Node.Service("a"));

        node.Stop("a");

        Assert.True(node.Did<Effect.Unregister>(u => u.Name == "a"));
    }

    [Fact]
    public void A_quarantined_service_leaves_the_registry()
    {
        var node = Node.Running(
            Node.Service("registry"), Node.Service("a") with { Quarantine = new QuarantinePolicy { Crashes = 1 } });

        node.Exits("a");

        Assert.True(node.Did<Effect.Unregister>(u => u.Name == "a"));
    }
}
