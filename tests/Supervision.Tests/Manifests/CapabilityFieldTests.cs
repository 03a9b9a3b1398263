using System.Text;

namespace Strata.Supervision.Tests.Manifests;

/// <summary>What manifests say of capabilities: read with places, checked by the rules of issuing.</summary>
public sealed class CapabilityFieldTests
{
    private static readonly ServiceManifest Identity = Node.Service("identity");

    [Fact]
    public void Capabilities_are_read_with_their_rights_and_constraints()
    {
        var plan = Read("""
            "capabilities": [
              { "service": "fs", "rights": ["fs.open", "fs.read"], "constraints": { "path_prefix": "/srv/data", "rate_limit": "50rps" } },
              { "service": "supervisor", "rights": ["supervisor.svc.restart"] },
            ],
            "offers": ["a.read"]
            """).Plan!;

        var expected = new HeldCapability { Service = "fs", Rights = ["fs.open", "fs.read"], PathPrefix = "/srv/data", RateLimit = "50rps" };
        Assert.Equal([expected, new HeldCapability { Service = "supervisor", Rights = ["supervisor.svc.restart"] }], plan.Manifests["a"].Capabilities);
        Assert.Equal(["a.read"], plan.Manifests["a"].Offers);
    }

    [Fact]
    public void Every_fault_has_its_place_and_names_the_nearest()
    {
        var faults = Read("""
            "capabilities": [
              { "service": "sf", "rights": ["fs.read"] },
              { "service": "fs", "rights": ["fs.raed", "read", "fs.open", "fs.open"] },
              { "service": "fs", "rights": ["fs.list"], "constraints": { "path_prefix": "data", "rate_limit": "50/s" } },
              { "service": "a", "rights": ["a.b"] },
            ],
            "offers": ["A", "a.b", "a.b"]
            """).Faults;

        Assert.Equal(
            [
                "3:16: capabilities[0].service: sf is not a declared service; did you mean fs?",
                "4:33: capabilities[1].rights[0]: fs does not offer fs.raed; did you mean fs.read?; it offers " + string.Join(", ", BuiltInManifests.Fs.Offers),
                "4:44: capabilities[1].rights[1]: \"read\" is not a right, such as \"fs.read\", in lower case and at most 128 characters",
                "4:63: capabilities[1].rights[3]: fs.open is named more than once",
                "5:16: capabilities[2].service: fs is named more than once; put all its rights into one capability",
                "5:77: capabilities[2].constraints.path_prefix: must be an absolute path, such as \"/srv/data\"",
                "5:99: capabilities[2].constraints.rate_limit: must be a whole number from 1 to 1000000 followed by \"rps\", such as \"50rps\"",
                "6:16: capabilities[3].service: a needs no capability for itself; take it out",
                "8:12: offers[0]: \"A\" is not a right, such as \"fs.read\", in lower case and at most 128 characters",
                "8:24: offers[2]: a.b is named more than once",
            ],
            faults.Select(f => f.ToString()["a.service.json:".Length..]));
    }

    [Fact]
    public void What_is_of_another_shape_is_named_where_it_stands()
    {
        var faults = Read("""
            "capabilities": [
              "fs",
              { "rights": [] },
              { "service": "fs", "rights": ["fs.read"], "constraint": {} },
              { "service": "fs", "rights": [1], "constraints": [] },
              { "service": "fs", "rights": ["fs.read"], "constraints": { "ttl": "1h", "rate_limit": 50 } },
            ]
            """).Faults;

        Assert.Equal(
            [
                "3:3: capabilities[0]: must be an object of service, rights, constraints, not a text",
                "4:3: capabilities[1].service: is missing: it must be a text",
                "4:15: capabilities[1].rights: must be a list of at least 1 text, not a list",
                "5:45: capabilities[2].constraint: is not a field here; did you mean constraints?; there are service, rights, constraints",
                "6:33: capabilities[3].rights[0]: must be a text, not a number",
                "6:52: capabilities[3].constraints: must be an object of path_prefix, rate_limit, not a list",
                "7:62: capabilities[4].constraints.ttl: is not a field here; there are path_prefix, rate_limit",
                "7:89: capabilities[4].constraints.rate_limit: must be a text, not a number",
            ],
            faults.Select(f => f.ToString()["a.service.json:".Length..]));
    }

    [Fact]
    public void As_many_as_the_limits_say_are_accepted_and_one_more_is_a_fault()
    {
        Assert.Empty(Faults(Holding(ManifestLimits.MaxHeldCapabilities, 1)));
        Assert.Contains("at most 16", Assert.Single(Faults(Holding(ManifestLimits.MaxHeldCapabilities + 1, 1))).Message, StringComparison.Ordinal);
        Assert.Empty(Faults(Holding(1, ManifestLimits.MaxHeldRights)));
        Assert.Contains("1 to 64", Assert.Single(Faults(Holding(1, ManifestLimits.MaxHeldRights + 1))).Message, StringComparison.Ordinal);
        Assert.Contains("1 to 64", Assert.Single(Faults(Holding(1, 0))).Message, StringComparison.Ordinal);
        var offering = Node.Service("a") with { Offers = [.. Names("a", ManifestLimits.MaxOffers)] };
        Assert.Empty(Faults(offering));
        Assert.Equal("offers", Assert.Single(Faults(offering with { Offers = offering.Offers.Add("a.more") })).Field);
        var longest = "a." + new string('b', ManifestLimits.MaxRightChars - 2);
        Assert.Empty(Faults(Node.Service("a") with { Offers = [longest] }));
        Assert.Single(Faults(Node.Service("a") with { Offers = [longest + "b"] }));
    }

    [Fact]
    public void Who_holds_capabilities_starts_after_identity_and_waits_for_it()
    {
        var holder = Holding(1, 1);
        var node = new Node(Identity, Node.Service("s0"), holder);
        node.Apply(new NodeEvent.StartAll());

        Assert.Equal(["identity"], node.State.Plan.Graph.Requires("a"));
        Assert.Equal(ServicePhase.AwaitingDependencies, node["a"].Phase);
        Assert.Equal(["identity"], Explainer.Explain(node.State, "a", node.Now)!.WaitingOn);
        node.ComeUp("identity");
        Assert.Equal(ServicePhase.Spawning, node["a"].Phase);
    }

    [Fact]
    public void A_node_without_identity_gives_nobody_capabilities() =>
        Assert.Contains("issued by identity", Assert.Single(Plan(Node.Service("s0"), Holding(1, 1))).Message, StringComparison.Ordinal);

    [Fact]
    public void Who_issues_capabilities_holds_none_and_who_has_no_socket_is_not_called()
    {
        Assert.Contains("holds none", Assert.Single(Plan(Identity with { Capabilities = Holding(1, 1).Capabilities }, Node.Service("s0"))).Message, StringComparison.Ordinal);
        Assert.Contains("no socket", Assert.Single(Plan(Identity, Node.Service("s0") with { Kind = ServiceKind.Oneshot }, Holding(1, 1))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rights_are_checked_against_what_is_offered_where_that_is_told_and_passing_on_goes_with_all()
    {
        var target = Node.Service("s0");
        var holder = Holding(1, 1) with { Capabilities = [new HeldCapability { Service = "s0", Rights = ["s0.other", "identity.issue"] }] };
        Assert.Empty(Plan(Identity, target, holder));
        Assert.Equal("capabilities[0].rights[0]", Assert.Single(Plan(Identity, target with { Offers = ["s0.one"] }, holder)).Item);
    }

    [Fact]
    public void A_dependency_on_who_holds_capabilities_cannot_go_round_in_a_circle()
    {
        var fault = Assert.Single(Plan(Identity with { Requires = ["a"] }, Node.Service("s0"), Holding(1, 1)));
        Assert.Contains("cycle", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nulls_that_code_could_leave_are_faults_and_not_exceptions()
    {
        var bad = Node.Service("a") with { Capabilities = [null!, new HeldCapability { Service = null!, Rights = [null!] }, new HeldCapability { Service = "b", Rights = default }], Offers = [null!] };
        Assert.NotEmpty(Plan(Identity, bad, bad with { Name = "b", Capabilities = default, Offers = default }));
    }

    private static System.Collections.Immutable.ImmutableArray<ManifestFault> Plan(params ServiceManifest[] manifests)
    {
        _ = NodePlan.TryCreate(manifests, out _, out var faults);
        return faults;
    }

    private static ServiceManifest Holding(int capabilities, int rights) => Node.Service("a") with
    {
        Capabilities = [.. Enumerable.Range(0, capabilities).Select(i => new HeldCapability { Service = $"s{i}", Rights = [.. Names("s", rights)] })],
    };

    private static IEnumerable<string> Names(string service, int count) => Enumerable.Range(0, count).Select(i => $"{service}.r{i}");

    private static System.Collections.Immutable.ImmutableArray<ManifestFault> Faults(ServiceManifest manifest) => ManifestValidator.Validate(manifest);

    private static NodeConfiguration Read(string fields) =>
        NodeConfiguration.Read([new ManifestFile("a.service.json", Encoding.UTF8.GetBytes($"{{ \"name\": \"a\", \"exec\": [\"/bin/a\"],\n{fields} }}"))]);
}
