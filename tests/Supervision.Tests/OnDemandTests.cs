namespace Strata.Supervision.Tests;

/// <summary>Services whose process is started when somebody connects.</summary>
public sealed class OnDemandTests
{
    private static readonly ServiceManifest Lazy = Node.Service("lazy") with
    {
        Socket = new SocketPolicy { OnDemand = true },
        Backoff = new BackoffPolicy { Jitter = 0 },
        Quarantine = new QuarantinePolicy { Crashes = 3 },
    };

    private readonly Node _node = new(Lazy);

    public OnDemandTests() => _node.Apply(new NodeEvent.StartAll());

    [Fact]
    public void It_listens_without_a_process_and_says_what_it_waits_for()
    {
        Assert.Equal((ServiceState.Listening, ServicePhase.AwaitingConnection), (_node["lazy"].State, _node["lazy"].Phase));
        Assert.True(_node.Did<Effect.AwaitConnection>());
        Assert.False(_node.Did<Effect.Spawn>());
        Assert.True(_node["lazy"].Listed);
        Assert.Null(_node.State.NextDeadline);
        Assert.Equal("lazy is Listening for 0 ms: waits for its first connection. Next: its process is started when somebody connects.", _node.Explain("lazy").Summary);
    }

    [Fact]
    public void A_connection_starts_it()
    {
        Connect();

        Assert.True(_node.Did<Effect.Spawn>());
        Assert.False(_node.Did<Effect.IgnoreConnections>());
        _node.ComeUp("lazy");
        Connect();
        Assert.Empty(_node.Effects);
    }

    [Fact]
    public void An_operators_start_starts_it_too_and_a_restart_lets_it_wait_again()
    {
        Assert.Equal(CommandStatus.Ok, _node.Start("lazy").Status);
        Assert.True(_node.Did<Effect.Spawn>());
        Assert.True(_node.Did<Effect.IgnoreConnections>());
        _node.ComeUp("lazy");

        _node.Restart("lazy");
        _node.Exits("lazy", 0);

        Assert.Equal(ServiceState.Listening, _node["lazy"].State);
    }

    [Theory]
    [InlineData(RestartPolicy.Always)]
    [InlineData(RestartPolicy.OnFailure)]
    [InlineData(RestartPolicy.Never)]
    public void A_clean_end_lets_it_wait_for_the_next_connection_under_every_policy(RestartPolicy policy)
    {
        var node = new Node(Lazy with { Restart = policy });
        node.Start("lazy");
        node.Apply(new NodeEvent.Connected("lazy"));
        node.ComeUp("lazy");
        node.Pass(Lazy.Backoff.Initial);
        node.Exits("lazy", 0);

        Assert.Equal(ServiceState.Listening, node["lazy"].State);
        Assert.True(node.Did<Effect.AwaitConnection>());
        Assert.False(node.Did<Effect.Unregister>());
        Assert.Null(node["lazy"].LastCrash);
        node.Apply(new NodeEvent.Connected("lazy"));
        Assert.True(node.Did<Effect.Spawn>(s => s.Incarnation == 2));
    }

    [Fact]
    public void An_end_right_after_the_start_is_a_crash_so_that_a_connection_left_behind_does_not_spin()
    {
        for (var crash = 1; crash <= 3; crash++)
        {
            Connect();
            _node.ComeUp("lazy");
            _node.Pass(Lazy.Backoff.Initial - TimeSpan.FromTicks(1));
            _node.Exits("lazy", 0);
            if (crash < 3)
            {
                Assert.Equal(ServiceState.Restarting, _node["lazy"].State);
                Connect();
                Assert.Equal(ServiceState.Restarting, _node["lazy"].State);
                _node.ToDeadline();
                Assert.Equal(ServiceState.Listening, _node["lazy"].State);
            }
        }

        Assert.Equal(ServiceState.Quarantined, _node["lazy"].State);
        Connect();
        Assert.Equal(ServiceState.Quarantined, _node["lazy"].State);
    }

    [Fact]
    public void An_end_before_it_is_ready_is_a_crash_whatever_the_code()
    {
        Connect();
        _node.Spawned("lazy");
        _node.Pass(TimeSpan.FromSeconds(1));
        _node.Exits("lazy", 0);

        Assert.Equal(ServiceState.Restarting, _node["lazy"].State);
    }

    [Fact]
    public void A_failure_backs_off_and_waits_for_a_connection_again()
    {
        Connect();
        _node.ComeUp("lazy");
        _node.Pass(TimeSpan.FromSeconds(1));
        _node.Exits("lazy", 3);
        Assert.Contains("the next attempt, if somebody waits for it", _node.Explain("lazy").Summary, StringComparison.Ordinal);

        Assert.Equal(TimeSpan.FromMilliseconds(100), _node.ToDeadline());

        Assert.Equal((ServiceState.Listening, 1), (_node["lazy"].State, _node["lazy"].ConsecutiveCrashes));
    }

    [Fact]
    public void Those_that_require_it_start_without_its_process()
    {
        var node = new Node(Lazy, Node.Service("a", "lazy"));
        node.Apply(new NodeEvent.StartAll());

        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "a"));
        Assert.False(node.Did<Effect.Spawn>(s => s.Name == "lazy"));
    }

    [Fact]
    public void What_it_requires_is_waited_for_when_somebody_connects()
    {
        var node = new Node(Node.Service("base"), Lazy with { Requires = ["base"] });
        node.Start("lazy");
        Assert.Equal(ServiceState.Listening, node["lazy"].State);

        node.Apply(new NodeEvent.Connected("lazy"));

        Assert.Equal(ServicePhase.AwaitingDependencies, node["lazy"].Phase);
        node.Start("base");
        node.ComeUp("base");
        Assert.True(node.Did<Effect.Spawn>(s => s.Name == "lazy"));
    }

    [Fact]
    public void A_stop_and_a_shutdown_end_the_waiting()
    {
        _node.Stop("lazy");
        Assert.Equal(ServiceState.Stopped, _node["lazy"].State);
        Assert.True(_node.Did<Effect.IgnoreConnections>());
        Connect();
        Assert.Equal(ServiceState.Stopped, _node["lazy"].State);
        _node.Start("lazy");
        Assert.Equal(ServiceState.Listening, _node["lazy"].State);

        _node.Shutdown();

        Assert.True(_node.State.Ended);
    }

    [Fact]
    public void It_is_not_rolled_while_it_has_no_process() =>
        Assert.Equal(CommandStatus.Conflict, _node.Apply(new NodeEvent.Roll("lazy")).Status);

    [Fact]
    public void The_registry_is_not_started_on_demand() =>
        Assert.Equal("socket.on_demand", Assert.Single(ManifestValidator.Validate(Lazy with { Name = "registry" })).Field);

    private void Connect() => _node.Apply(new NodeEvent.Connected("lazy"));
}
