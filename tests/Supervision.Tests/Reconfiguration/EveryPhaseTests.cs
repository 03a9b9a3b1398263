namespace Strata.Supervision.Tests.Reconfiguration;

/// <summary>Every phase of a service with everything a configuration can do to it.</summary>
public sealed class EveryPhaseTests
{
    private static readonly ServiceManifest Base = Node.Service("a") with
    {
        Wants = ["slow"], Quarantine = new QuarantinePolicy { Crashes = 2 }, Backoff = new BackoffPolicy { Initial = TimeSpan.FromSeconds(20), Jitter = 0 },
    };

    private static readonly ServiceManifest Slow = Node.Service("slow");

    // phase; and what it is after: unchanged, changed live, changed so that it takes a new process, removed ("" is forgotten).
    private static readonly (string Phase, string Same, string Live, string Restart, string Removed)[] Expected =
    [
        ("Declared", "Declared", "Declared", "Declared", ""),
        ("AwaitingDependencies", "AwaitingDependencies", "AwaitingDependencies", "AwaitingDependencies", ""),
        ("Spawning", "Spawning", "Spawning", "Draining wanted", "Draining"),
        ("AwaitingReadiness", "AwaitingReadiness", "AwaitingReadiness", "Draining wanted", "Draining"),
        ("Working", "Working", "Working", "Draining wanted", "Draining"),
        ("Serving", "Serving", "Serving", "Draining wanted", "Draining"),
        ("Draining", "Draining", "Draining", "Draining", "Draining"),
        ("Draining wanted", "Draining wanted", "Draining wanted", "Draining wanted", "Draining"),
        ("Killing stopped", "Killing", "Killing", "Killing", "Killing"),
        ("Killing crashed", "Killing wanted", "Killing wanted", "Killing wanted", "Killing"),
        ("BackingOff", "BackingOff", "BackingOff", "Spawning", ""),
        ("Stopped", "Stopped", "Stopped", "Stopped", ""),
        ("Quarantined", "Quarantined", "Spawning", "Spawning", ""),
        ("AwaitingTime", "AwaitingTime", "AwaitingTime", "AwaitingTime", ""),
        ("Completed", "Completed", "Completed", "Spawning", ""),
        ("AwaitingConnection", "AwaitingConnection", "AwaitingConnection", "AwaitingConnection", ""),
    ];

    public static TheoryData<string, string, string> Table()
    {
        var rows = new TheoryData<string, string, string>();
        foreach (var (phase, same, live, restart, removed) in Expected)
        {
            rows.Add(phase, "same", same);
            rows.Add(phase, "live", live);
            rows.Add(phase, "restart", restart);
            rows.Add(phase, "removed", removed);
        }

        return rows;
    }

    [Theory]
    [MemberData(nameof(Table))]
    public void A_new_configuration_is_right_in_every_phase(string phase, string change, string expected)
    {
        var node = In(phase);
        var before = node["a"];
        var next = change switch
        {
            "live" => before.Manifest with { Description = "changed" },
            "restart" => before.Manifest with { Program = "/bin/changed" },
            _ => before.Manifest with { Wants = ["slow"] },
        };

        Assert.Equal(CommandStatus.Ok, (change == "removed" ? node.Reconfigure(Slow) : node.Reconfigure(Slow, next)).Status);

        Assert.Equal(expected, Shown(node));
        if (change is "same" or "live" && expected == Shown(before))
        {
            Assert.Equal(before.Process, node["a"].Process);
        }

        if (change is not "removed")
        {
            Assert.Equal(next.Program, node["a"].Manifest.Program);
        }
        else if (expected.Length > 0)
        {
            node.Apply(new NodeEvent.Exited("a", before.Incarnation, ExitStatus.WithCode(0)));
            Assert.False(node.State.Services.ContainsKey("a"));
        }
    }

    [Fact]
    public void Every_phase_is_in_the_table() =>
        Assert.All(Enum.GetNames<ServicePhase>().Except(["Resting"]), name => Assert.Contains(Expected, row => row.Phase.StartsWith(name, StringComparison.Ordinal)));

    private static string Shown(Node node) => node.State.Services.TryGetValue("a", out var service) ? Shown(service) : "";

    private static string Shown(ServiceStatus service) =>
        service.Phase == ServicePhase.Resting ? service.State.ToString()
        : service.Wanted && service.State is ServiceState.Stopping or ServiceState.Crashed ? $"{service.Phase} wanted" : service.Phase.ToString();

    private static Node In(string phase)
    {
        var manifest = phase switch
        {
            "Working" or "Completed" => Base with { Kind = ServiceKind.Oneshot },
            "AwaitingTime" => Base with { Kind = ServiceKind.Timer, Timer = new TimerPolicy { Every = TimeSpan.FromMinutes(1) } },
            "AwaitingConnection" => Base with { Socket = new SocketPolicy { OnDemand = true } },
            _ => Base,
        };
        var node = new Node(Slow, manifest);
        if (phase == "Declared")
        {
            return node;
        }

        node.Apply(new NodeEvent.StartAll());
        node.Spawned("slow");
        if (phase is "AwaitingDependencies" or "AwaitingTime")
        {
            return node;
        }

        node.Ready("slow");
        if (phase == "Spawning")
        {
            return node;
        }

        node.Spawned("a");
        if (phase is not ("AwaitingReadiness" or "Working" or "Completed"))
        {
            node.Ready("a");
        }

        Bring(node, phase);
        Assert.StartsWith(Shown(node).Split(' ')[0], phase, StringComparison.Ordinal);
        return node;
    }

    private static void Bring(Node node, string phase)
    {
        switch (phase)
        {
            case "Draining" or "Stopped" or "Killing stopped":
                node.Stop("a");
                break;
            case "Draining wanted":
                node.Restart("a");
                break;
            case "Killing crashed":
                Crash(node);
                break;
            case "BackingOff":
                node.Exits("a");
                break;
            case "Quarantined":
                node.Exits("a");
                node.Recover("a");
                node.Exits("a");
                break;
            case "Completed":
                node.Exits("a", 0);
                break;
        }

        if (phase == "Stopped")
        {
            node.Exits("a", 0);
        }
        else if (phase == "Killing stopped")
        {
            node.ToDeadline();
        }
    }

    private static void Crash(Node node)
    {
        // Up again, and then late with its readiness: killed, and not gone yet.
        node.Restart("a");
        node.Exits("a", 0);
        node.Spawned("a");
        node.ToDeadline();
        Assert.Equal(ServiceState.Crashed, node["a"].State);
    }
}
