namespace Strata.Supervision.Tests.Reconfiguration;

public sealed class ConfigurationDiffTests
{
    private static readonly ServiceManifest A = Node.Service("a");

    [Fact]
    public void Every_field_of_a_manifest_is_compared()
    {
        var compared = FieldValues.All.Select(f => f.Path).Concat(FieldValues.NotCompared).Order(StringComparer.Ordinal);

        Assert.True(
            ManifestFields.All.Select(f => f.Path).Order(StringComparer.Ordinal).SequenceEqual(compared),
            "a field of manifests has no row in FieldValues, so that a change of it would not be seen: "
            + string.Join(", ", ManifestFields.All.Select(f => f.Path).Except(compared)));
    }

    [Fact]
    public void Equal_manifests_that_were_read_twice_do_not_differ()
    {
        static ServiceManifest Full() => A with
        {
            Arguments = ["--x", "1"], Environment = A.Environment.Add("LANG", "C").Add("A", "b"), Requires = ["b"], Wants = ["c"], After = ["d"],
            Confinement = new ConfinementPolicy { Read = ["/srv"], KeepCapabilities = ["CAP_NET_BIND_SERVICE"] }, Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) },
        };

        Assert.Empty(FieldValues.Differences(Full(), Full()));
        Assert.Empty(Diff([Full() with { Requires = [] }], Full() with { Requires = [] }));
    }

    [Fact]
    public void Lists_that_only_look_alike_differ() =>
        Assert.Equal(["exec"], Diff([A with { Arguments = ["a", "b"] }], A with { Arguments = ["a b"] }).Single().Fields);

    [Fact]
    public void What_a_process_is_made_with_takes_a_new_one_and_all_else_does_not()
    {
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Program = "/bin/other" }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Environment = A.Environment.Add("X", "1") }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { SocketName = "other.sock" }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Kind = ServiceKind.Oneshot }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Limits = new LimitsPolicy { Pids = 5 } }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Confinement = new ConfinementPolicy { NoNewPrivileges = false } }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Watchdog = new WatchdogPolicy { Interval = TimeSpan.FromSeconds(1) } }));
        Assert.Equal(ChangeKind.Adjusted, KindOf(A with { Description = "x" }));
        Assert.Equal(ChangeKind.Adjusted, KindOf(A with { Restart = RestartPolicy.Never, Backoff = new BackoffPolicy { Factor = 3 } }));
        Assert.Equal(ChangeKind.Adjusted, KindOf(A with { Wants = ["z"], StopSignal = StopSignal.SIGINT, Log = new LogPolicy { Files = 9 } }));
        Assert.Equal(ChangeKind.Restarted, KindOf(A with { Description = "x", Program = "/bin/other" }));
    }

    [Fact]
    public void What_came_and_went_is_told_by_name_and_what_stayed_is_not()
    {
        var changes = Diff([A, Node.Service("b"), Node.Service("c")], A, Node.Service("c") with { Description = "see" }, Node.Service("d"));

        Assert.Equal(["b Removed", "c Adjusted", "d Added"], changes.Select(c => $"{c.Name} {c.Kind}"));
    }

    [Fact]
    public void Who_declares_that_it_follows_is_told_with_whom()
    {
        var b = Node.Service("b", "a") with { Description = "old" };
        var changes = Diff(
            [A with { Strategy = RestartStrategy.RestForOne }, b, Node.Service("c", "b"), Node.Service("d")],
            A with { Strategy = RestartStrategy.RestForOne, Program = "/bin/new" }, b with { Description = "new" }, Node.Service("c", "b"), Node.Service("d"));

        Assert.Equal(["a Restarted ", "b Follows a", "c Follows a"], changes.Select(c => $"{c.Name} {c.Kind} {c.With}"));
        Assert.Equal(["description"], changes[1].Fields);
    }

    private static ChangeKind KindOf(ServiceManifest after) => Diff([A], after).Single().Kind;

    private static System.Collections.Immutable.ImmutableArray<ServiceChange> Diff(ServiceManifest[] before, params ServiceManifest[] after)
    {
        // Names that a test leaves out on purpose are no part of what it compares.
        var known = after.Select(m => m.Name).ToHashSet();
        Assert.True(NodePlan.TryCreate(after.Select(m => m with { Requires = [.. m.Requires.Where(known.Contains)] }), out var plan, out var faults), string.Join("; ", faults));
        return ConfigurationDiff.Of(before.ToDictionary(m => m.Name), plan).Changes;
    }
}
