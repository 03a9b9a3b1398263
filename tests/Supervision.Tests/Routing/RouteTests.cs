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

    [Fact]
    public void Every_hop_of_a_good_call_is_told_in_words()
    {
        Assert.Equal(
            [
                "fs runs",
                "/run/strata/fs.sock, mode 0666, uid 0",
                "it asks for the right fs.read",
                "gives the right fs.read",
                "in /run/strata/capabilities/thumbs/1.json, good for 42 min, renewed before",
                "paths beneath /srv, at most 5rps",
                "user thumbs, seccomp default: none of it keeps a service from a Unix socket in the runtime directory",
            ],
            Route.Of(Good).Hops.Select(h => h.Text));
        Assert.Equal("fs is Restarting: calls wait in its socket until it serves", Text(Good with { TargetState = ServiceState.Restarting }, "target"));
        Assert.Equal("fs is Stopped, and nobody answers until svc.start fs", Text(Good with { TargetState = ServiceState.Stopped }, "target"));
        Assert.Equal("it is open to whoever connects", Text(Good with { Method = "fs.ping" }, "method"));
        Assert.Equal("it is for authorities of the node alone: root, its own user, and those in STRATA_AUTHORITY_UIDS", Text(Good with { Method = "fs.own" }, "method"));
        Assert.Equal("it asks for the right fs.admin, or for an authority of the node", Text(Good with { Method = "fs.admin" }, "method"));
    }

    [Fact]
    public void What_a_capability_is_bound_to_is_told_one_by_one()
    {
        Assert.Equal("paths beneath /srv", Text(Good with { Grant = Good.Grant! with { RateLimit = null } }, "constraints"));
        Assert.Equal("at most 5rps", Text(Good with { Grant = Good.Grant! with { PathPrefix = null } }, "constraints"));
        var free = Route.Of(Good with { Grant = Good.Grant! with { PathPrefix = null, RateLimit = null } });
        Assert.True(free.Allowed);
        Assert.Equal("none; without path_prefix a method that takes a path is denied", free.Hops.Single(h => h.Name == "constraints").Text);
    }

    [Fact]
    public void A_verdict_names_the_first_obstacle_and_the_line_that_decides_if_one_does()
    {
        var verdict = Route.Of(Good with { TargetState = ServiceState.Stopped, Socket = null, Grant = null }).Verdict;
        Assert.Equal("thumbs may not call fs.read: fs is Stopped, and nobody answers until svc.start fs", verdict);
        Assert.EndsWith(" (/etc/thumbs.service.json:4:5)", Route.Of(Good with { Method = "fs.stat" }).Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void A_verdict_in_doubt_names_the_first_doubt()
    {
        var doubts = Good with { Methods = null, Expires = null };
        Assert.Equal(
            "whether thumbs may call fs.read is not certain: fs could not be asked about its methods; a right of the method's own name is assumed", Route.Of(doubts).Verdict);
        Assert.Equal("in /run/strata/capabilities/thumbs/1.json; when it ends is not known", Text(doubts, "capability"));
        Assert.Equal("what is in /run/strata/capabilities/thumbs/1.json ended 0 ms ago: it was not renewed", Text(Good with { Expires = Now }, "capability"));
    }

    [Theory]
    [InlineData(0x002, 0, true)]
    [InlineData(0x181, 0, false)]
    [InlineData(0x080, 1000, true)]
    [InlineData(0x101, 1000, false)]
    public void To_connect_takes_the_right_to_write_as_owner_or_as_anybody(int mode, long owner, bool open) =>
        Assert.Equal(open, Route.Of(Good with { Socket = Good.Socket! with { Mode = mode, Uid = owner } }).Allowed);

    [Fact]
    public void Whether_a_caller_is_in_the_group_of_a_socket_is_left_open() =>
        Assert.Equal("/run/strata/fs.sock, mode 0020, uid 0: uid 1000 may connect if it is in group 7", Text(Good with { Socket = Good.Socket! with { Mode = 0x10, Gid = 7 } }, "socket"));

    private static string Text(RouteFacts facts, string hop) => Route.Of(facts).Hops.Single(h => h.Name == hop).Text;

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
