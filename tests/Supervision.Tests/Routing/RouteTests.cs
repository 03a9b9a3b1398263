namespace Strata.Supervision.Tests.Routing;

/// <summary>Why a service may or may not call a method, from facts alone.</summary>
public sealed class RouteTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly RouteFacts Good = new()
    {
        Caller = "thumbs",
        CallerState = ServiceState.Healthy,
        CallerUid = 1000,
        CallerPlace = "/etc/thumbs.service.json:1:1",
        CallerConfinement = "user thumbs, seccomp default",
        Grant = new RouteGrant("/etc/thumbs.service.json:4:5", [("fs.open", "/etc/thumbs.service.json:4:40"), ("fs.read", "/etc/thumbs.service.json:4:51")], "/srv", "5rps"),
        File = "/run/strata/capabilities/thumbs/1.json",
        Expires = Now.AddMinutes(42),
        Method = "fs.read",
        Target = "fs",
        TargetState = ServiceState.Healthy,
        Methods = [new RouteMethod("fs.read", "right", "fs.read"), new RouteMethod("fs.stat", "right", "fs.stat"), new RouteMethod("fs.ping", "open", null), new RouteMethod("fs.admin", "right_or_authority", "fs.admin"), new RouteMethod("fs.own", "authority", null)],
        Socket = new RouteSocket("/run/strata/fs.sock", true, 0x1B6, 0, 0),
        KnownServices = ["fs", "thumbs", "supervisor"],
        Now = Now,
    };

    [Fact]
    public void A_call_that_the_manifest_allows_passes_every_hop_and_names_the_line()
    {
        var route = Route.Of(Good);
        Assert.Equal((true, "thumbs may call fs.read"), (route.Allowed, route.Verdict));
        Assert.Equal(["target", "socket", "method", "manifest", "capability", "constraints", "confinement"], route.Hops.Select(h => h.Name));
        Assert.All(route.Hops, hop => Assert.True(hop.Passes, hop.Text));
        Assert.Equal("/etc/thumbs.service.json:4:51", route.Hops[3].Place);
        Assert.Equal("in /run/strata/capabilities/thumbs/1.json, good for 42 min, renewed before", route.Hops[4].Text);
        Assert.Equal("paths beneath /srv, at most 5rps", route.Hops[5].Text);
    }

    [Fact]
    public void A_right_that_is_missing_is_told_with_the_line_that_would_hold_it()
    {
        Denied(Good with { Method = "fs.stat" }, "manifest", "does not hold the right fs.stat, but fs.open, fs.read", "/etc/thumbs.service.json:4:5");
        Denied(Good with { Grant = null }, "manifest", "add { \"service\": \"fs\", \"rights\": [\"fs.read\"] } to capabilities", "/etc/thumbs.service.json:1:1");
    }

    [Fact]
    public void Names_that_are_wrong_are_told_with_the_nearest()
    {
        Denied(Good with { Method = "fs.raed" }, "method", "fs has no method fs.raed; did you mean fs.read?", null);
        Denied(Good with { Target = "sf", Method = "sf.read", TargetExists = false, TargetState = null }, "target", "sf is not a service of this node; did you mean fs?", null);
    }

    [Fact]
    public void What_is_open_asks_for_nothing_and_what_is_for_authorities_asks_for_that()
    {
        Assert.True(Route.Of(Good with { Method = "fs.ping", Grant = null, File = null }).Allowed);
        Denied(Good with { Method = "fs.own" }, "authority", "uid 1000, which is no authority", null);
        Assert.True(Route.Of(Good with { Method = "fs.own", CallerIsAuthority = true }).Allowed);
        Denied(Good with { Method = "fs.admin" }, "manifest", "does not hold the right fs.admin", "/etc/thumbs.service.json:4:5");
        var authority = Route.Of(Good with { Method = "fs.admin", CallerIsAuthority = true, CallerUid = 0 });
        Assert.True(authority.Allowed);
        Assert.Contains("confinement.user", authority.Hops.Single(h => h.Name == "authority").Text, StringComparison.Ordinal);
        // A token is asked of everybody where the method says so, of root as well.
        Denied(Good with { Grant = null, CallerIsAuthority = true }, "manifest", "no capability for fs", "/etc/thumbs.service.json:1:1");
    }

    [Fact]
    public void A_capability_that_is_not_there_or_has_ended_is_told()
    {
        Denied(Good with { File = null, Expires = null, CallerState = ServiceState.Stopped }, "capability", "thumbs is Stopped and holds its capabilities only while it runs", null);
        Denied(Good with { File = null, Expires = null }, "capability", "has not been handed its capabilities", null);
        Denied(Good with { Expires = Now.AddSeconds(-90), Trouble = "identity is down" }, "capability", "ended 90 s ago: identity is down", null);
        Denied(Good with { Expires = Now }, "capability", "ended", null);
        var failing = Route.Of(Good with { Trouble = "identity is down" });
        Assert.True(failing.Allowed);
        Assert.Contains("renewal fails: identity is down", failing.Hops.Single(h => h.Name == "capability").Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ServiceState.Stopped, false)]
    [InlineData(ServiceState.Quarantined, false)]
    [InlineData(ServiceState.Completed, false)]
    [InlineData(ServiceState.Declared, false)]
    [InlineData(ServiceState.Starting, true)]
    [InlineData(ServiceState.Restarting, true)]
    public void A_target_that_is_down_until_somebody_starts_it_stops_a_call_and_one_that_comes_back_does_not(ServiceState state, bool passes) =>
        Assert.Equal(passes, Route.Of(Good with { TargetState = state }).Allowed);

    [Fact]
    public void A_socket_must_be_there_and_writable_for_the_caller()
    {
        Denied(Good with { Socket = Good.Socket! with { Mode = 0x1B0 & ~0x10 } }, "socket", "mode 0640, uid 0: uid 1000 may not connect", null);
        Denied(Good with { Socket = Good.Socket! with { Exists = false } }, "socket", "no socket at /run/strata/fs.sock", null);
        Denied(Good with { Socket = null }, "socket", "fs has no socket", null);
        Assert.True(Route.Of(Good with { Socket = Good.Socket! with { Mode = 0x180, Uid = 1000 } }).Allowed);
        var inGroup = Route.Of(Good with { Socket = Good.Socket! with { Mode = 0x1B0, Gid = 7 } });
        Assert.Null(inGroup.Allowed);
        Assert.Contains("if it is in group 7", inGroup.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_asked_is_not_claimed()
    {
        var route = Route.Of(Good with { Methods = null });
        Assert.Null(route.Allowed);
        Assert.StartsWith("whether thumbs may call fs.read is not certain", route.Verdict, StringComparison.Ordinal);
        Assert.False(Route.Of(Good with { Methods = null, Grant = null }).Allowed);
        Assert.Null(Route.Of(Good with { Expires = null }).Allowed);
    }

    private static void Denied(RouteFacts facts, string hop, string text, string? place)
    {
        var route = Route.Of(facts);
        Assert.False(route.Allowed);
        var obstacle = route.Hops.First(h => h.Passes == false);
        Assert.Equal((hop, place), (obstacle.Name, obstacle.Place));
        Assert.Contains(text, obstacle.Text, StringComparison.Ordinal);
        Assert.StartsWith($"thumbs may not call {facts.Method}: ", route.Verdict, StringComparison.Ordinal);
    }
}
