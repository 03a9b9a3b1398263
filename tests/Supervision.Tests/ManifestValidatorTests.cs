using System.Collections.Immutable;

namespace Strata.Supervision.Tests;

public sealed class ManifestValidatorTests
{
    private static readonly ServiceManifest Good = Node.Service("a");

    [Fact]
    public void The_built_in_manifests_are_valid_and_only_fs_depends_on_another()
    {
        Assert.True(NodePlan.TryCreate(BuiltInManifests.All, out var plan, out var faults), string.Join("; ", faults));
        Assert.Equal(["identity", "registry"], plan.Graph.Levels[0]);
        Assert.Equal(["fs"], plan.Graph.Levels[1]);
    }

    [Fact]
    public void Every_fault_is_reported_with_its_field()
    {
        var bad = new ServiceManifest
        {
            Name = "Bad Name",
            Description = "two\nlines",
            Program = "../x",
            Arguments = ["\0"],
            Environment = ImmutableDictionary<string, string>.Empty.Add("1A", "").Add("NOTIFY_SOCKET", "").Add("B", "\0"),
            Requires = ["b", "b", "C"],
            Wants = ["b"],
            SocketName = "../x.sock",
            Readiness = new ReadinessPolicy { Timeout = TimeSpan.Zero },
            Watchdog = new WatchdogPolicy { Interval = TimeSpan.Zero, Source = (LivenessSource)9 },
            Backoff = new BackoffPolicy { Initial = TimeSpan.FromHours(2), Factor = double.NaN, Jitter = 0.6, ResetAfter = TimeSpan.Zero },
            Quarantine = new QuarantinePolicy { Crashes = 0, Window = TimeSpan.Zero },
            DrainTimeout = TimeSpan.FromSeconds(61),
        };

        Assert.Equal(
            [
                "name", "description", "exec", "exec", "environment", "environment", "environment", "requires", "requires", "wants", "socket.name",
                "stop.drain", "readiness.timeout", "watchdog.interval", "watchdog.source", "restart.initial", "restart.initial",
                "restart.factor", "restart.jitter", "restart.reset_after", "quarantine.crashes", "quarantine.window",
            ],
            ManifestValidator.Validate(bad).Select(f => f.Field));
    }

    [Fact]
    public void Nulls_that_a_parser_could_leave_are_faults_and_not_exceptions()
    {
        var bad = new ServiceManifest
        {
            Name = null!, Description = null!, Program = null!, Arguments = default, Environment = null!, Requires = default, Wants = [null!],
            Readiness = null!, Backoff = null!, Quarantine = null!,
        };

        Assert.Equal(["name", "description", "exec", "exec", "environment", "requires", "wants", "policies"], ManifestValidator.Validate(bad).Select(f => f.Field));
        Assert.False(NodePlan.TryCreate([bad, bad], out _, out _));
    }

    public static TheoryData<string, int> Limits() => new()
    {
        { "name", ManifestLimits.MaxNameChars }, { "program", ManifestLimits.MaxProgramChars }, { "args", ManifestLimits.MaxArguments },
        { "arg", ManifestLimits.MaxArgumentChars }, { "env", ManifestLimits.MaxEnvironment }, { "envname", ManifestLimits.MaxEnvironmentNameChars },
        { "envvalue", ManifestLimits.MaxArgumentChars }, { "requires", ManifestLimits.MaxDependencies }, { "wants", ManifestLimits.MaxDependencies },
        { "socket", ManifestLimits.MaxSocketNameChars }, { "description", ManifestLimits.MaxDescriptionChars }, { "drain", 60_000 }, { "crashes", 100 },
    };

    [Theory]
    [MemberData(nameof(Limits))]
    public void Each_limit_is_accepted_and_one_past_it_is_a_fault(string what, int limit)
    {
        Assert.Empty(ManifestValidator.Validate(Sized(what, limit)));
        Assert.Single(ManifestValidator.Validate(Sized(what, limit + 1)));
    }

    [Fact]
    public void A_node_holds_up_to_its_limit_of_services()
    {
        Assert.True(NodePlan.TryCreate(Many(ManifestLimits.MaxServices), out _, out _));
        Assert.False(NodePlan.TryCreate(Many(ManifestLimits.MaxServices + 1), out _, out var faults));
        Assert.Equal("services: at most 256 on one node", Assert.Single(faults).ToString());
    }

    [Theory]
    [InlineData("a", "a", "name")]
    [InlineData("a", "b", "socket.name")]
    public void Two_services_cannot_share_a_name_or_a_socket(string first, string second, string field)
    {
        NodePlan.TryCreate(
            [Node.Service(first) with { SocketName = "s.sock" }, Node.Service(second) with { SocketName = field == "name" ? "t.sock" : "s.sock" }],
            out _,
            out var faults);

        Assert.Equal(field, Assert.Single(faults).Field);
    }

    [Fact]
    public void The_supervisors_own_name_and_socket_are_taken()
    {
        Assert.Equal("name", Assert.Single(ManifestValidator.Validate(Node.Service("supervisor") with { SocketName = "x.sock" })).Field);
        Assert.Equal("socket.name", Assert.Single(ManifestValidator.Validate(Good with { SocketName = "supervisor.sock" })).Field);
    }

    [Fact]
    public void A_service_cannot_depend_on_itself() =>
        Assert.Contains("itself", Assert.Single(ManifestValidator.Validate(Node.Service("a", "a"))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_fault_shows_no_control_characters()
    {
        var fault = Assert.Single(ManifestValidator.Validate(Node.Service("a", "b\u001b[31m\n")));

        Assert.DoesNotContain(fault.Message, char.IsControl);
    }

    private static ServiceManifest Sized(string what, int size) => what switch
    {
        "name" => Node.Service(new string('a', size)) with { SocketName = "s.sock" },
        "description" => Good with { Description = new string('d', size) },
        "program" => Good with { Program = "/" + new string('a', size - 1) },
        "args" => Good with { Arguments = [.. Enumerable.Repeat("x", size)] },
        "arg" => Good with { Arguments = [new string('x', size)] },
        "env" => Good with { Environment = Enumerable.Range(0, size).ToImmutableDictionary(i => $"V{i}", _ => "") },
        "envname" => Good with { Environment = ImmutableDictionary<string, string>.Empty.Add(new string('V', size), "") },
        "envvalue" => Good with { Environment = ImmutableDictionary<string, string>.Empty.Add("V", new string('x', size)) },
        "requires" => Good with { Requires = [.. Many(size).Select(m => m.Name)] },
        "wants" => Good with { Wants = [.. Many(size).Select(m => m.Name)] },
        "socket" => Good with { SocketName = new string('s', size) },
        "drain" => Good with { DrainTimeout = TimeSpan.FromMilliseconds(size) },
        _ => Good with { Quarantine = new QuarantinePolicy { Crashes = size } },
    };

    private static IEnumerable<ServiceManifest> Many(int count) => Enumerable.Range(0, count).Select(i => Node.Service($"s{i}"));
}
