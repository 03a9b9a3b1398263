using System.Collections.Immutable;

namespace Strata.Supervision.Tests;

public sealed class ConfinementChecksTests
{
    [Fact]
    public void Nobody_is_trusted_but_the_nodes_own_services()
    {
        Assert.Equal(ConfinementPolicy.Default, Node.Service("a").Confinement);
        Assert.True(ConfinementPolicy.Default.NoNewPrivileges);
        Assert.Empty(ConfinementPolicy.Default.KeepCapabilities);
        Assert.Equal(SeccompMode.Default, ConfinementPolicy.Default.Seccomp);
    }

    [Fact]
    public void The_nodes_own_services_are_confined_more_than_anybody()
    {
        Assert.All(BuiltInManifests.All, manifest =>
        {
            Assert.Equal((SeccompMode.Strict, true, true), (manifest.Confinement!.Seccomp, manifest.Confinement.NoNewPrivileges, manifest.Confinement.BestEffort));
            Assert.Empty(manifest.Confinement.KeepCapabilities);
            Assert.True(manifest.Confinement.NamesPaths);
        });
        Assert.Empty(BuiltInManifests.Registry.Confinement!.Read);
        Assert.Equal(["$STRATA_STATE_DIR/audit"], BuiltInManifests.Registry.Confinement.Write);
        Assert.Equal(["$STRATA_STATE_DIR/audit", "$STRATA_STATE_DIR/fs"], BuiltInManifests.Fs.Confinement!.Write);
        Assert.Empty(BuiltInManifests.Identity.Confinement!.Read);
    }

    [Theory]
    [InlineData("$STRATA_STATE_DIR", true)]
    [InlineData("$STRATA_RUNTIME_DIR/x", true)]
    [InlineData("$PROGRAM_DIR/a/b", true)]
    [InlineData("$PROGRAM_DIRECTORY", false)]
    [InlineData("$STRATA_STATE_DIR/../x", false)]
    [InlineData("$HOME/x", false)]
    [InlineData("x$PROGRAM_DIR", false)]
    public void A_path_may_begin_with_a_directory_of_the_node(string path, bool isGood) =>
        Assert.Equal(isGood, ManifestValidator.Validate(Node.Service("a") with { Confinement = new ConfinementPolicy { Write = [path] } }).IsEmpty);

    [Fact]
    public void Directories_take_the_place_of_the_names_that_a_path_begins_with()
    {
        var directories = new Dictionary<string, string> { ["$STRATA_STATE_DIR"] = "/var/s", ["$PROGRAM_DIR"] = "/p" };
        Assert.Equal(["/var/s", "/var/s/a", "/p/$STRATA_STATE_DIR", "/x"], new[] { "$STRATA_STATE_DIR", "$STRATA_STATE_DIR/a", "$PROGRAM_DIR/$STRATA_STATE_DIR", "/x" }.Select(p => PathVariables.Expand(p, directories)));
    }

    [Fact]
    public void Every_fault_is_reported_with_its_field()
    {
        var bad = Node.Service("a") with
        {
            Limits = new LimitsPolicy { MemoryBytes = 1, Cpus = double.NaN, Pids = 0, OpenFiles = 15 },
            Confinement = new ConfinementPolicy
            {
                User = "-x", Group = "a b", KeepCapabilities = ["CHOWN"], Read = ["relative"], Write = ["/a/../b"], Execute = ["/\0"],
                Seccomp = (SeccompMode)9, Processes = (ProcessReach)9, Network = (NetworkAccess)9,
            },
        };
        Assert.Equal(
            [
                "limits.memory", "limits.cpu", "limits.pids", "limits.open_files", "confinement.user", "confinement.group", "confinement.keep_capabilities",
                "confinement.read", "confinement.write", "confinement.execute", "confinement.seccomp", "confinement.processes", "confinement.network",
            ],
            ManifestValidator.Validate(bad).Select(f => f.Field));
    }

    [Fact]
    public void Nulls_that_a_parser_could_leave_are_faults_and_not_exceptions()
    {
        var bad = Node.Service("a") with
        {
            Limits = null!,
            Confinement = new ConfinementPolicy { KeepCapabilities = default, Read = default, Write = [null!], Execute = default },
        };
        Assert.Equal(
            ["limits", "confinement.keep_capabilities", "confinement.read", "confinement.write", "confinement.execute"],
            ManifestValidator.Validate(bad).Select(f => f.Field));
        Assert.NotEmpty(ManifestValidator.Validate(bad with { Limits = LimitsPolicy.None, Confinement = new ConfinementPolicy { KeepCapabilities = [null!] } }));
    }

    public static TheoryData<string, LimitsPolicy, LimitsPolicy> Ranges() => new()
    {
        { "limits.memory", new() { MemoryBytes = ManifestLimits.MinMemoryBytes }, new() { MemoryBytes = ManifestLimits.MinMemoryBytes - 1 } },
        { "limits.memory", new() { MemoryBytes = ManifestLimits.MaxMemoryBytes }, new() { MemoryBytes = ManifestLimits.MaxMemoryBytes + 1 } },
        { "limits.cpu", new() { Cpus = ManifestLimits.MinCpus }, new() { Cpus = ManifestLimits.MinCpus - 0.001 } },
        { "limits.cpu", new() { Cpus = ManifestLimits.MaxCpus }, new() { Cpus = ManifestLimits.MaxCpus + 0.01 } },
        { "limits.pids", new() { Pids = ManifestLimits.MaxPids }, new() { Pids = ManifestLimits.MaxPids + 1 } },
        { "limits.open_files", new() { OpenFiles = ManifestLimits.MinOpenFiles }, new() { OpenFiles = ManifestLimits.MinOpenFiles - 1 } },
        { "limits.open_files", new() { OpenFiles = ManifestLimits.MaxOpenFiles }, new() { OpenFiles = ManifestLimits.MaxOpenFiles + 1 } },
    };

    [Theory]
    [MemberData(nameof(Ranges))]
    public void A_limit_is_taken_at_its_bound_and_refused_past_it(string field, LimitsPolicy good, LimitsPolicy bad)
    {
        Assert.Empty(ManifestValidator.Validate(Node.Service("a") with { Limits = good }));
        Assert.Equal(field, Assert.Single(ManifestValidator.Validate(Node.Service("a") with { Limits = bad })).Field);
    }

    [Fact]
    public void Lists_and_names_are_taken_at_their_maximum_and_refused_past_it()
    {
        var full = new ConfinementPolicy
        {
            User = new string('u', ManifestLimits.MaxAccountChars),
            Group = new string('g', ManifestLimits.MaxAccountChars),
            KeepCapabilities = Many("CAP_CHOWN", ManifestLimits.MaxCapabilities),
            Read = Many("/a", ManifestLimits.MaxPaths),
        };
        Assert.Empty(Faults(full));
        Assert.Equal(["confinement.user"], Faults(full with { User = full.User + "u" }));
        Assert.Equal(["confinement.group"], Faults(full with { Group = full.Group + "g" }));
        Assert.Equal(["confinement.keep_capabilities"], Faults(full with { KeepCapabilities = full.KeepCapabilities.Add("CAP_CHOWN") }));
        Assert.Equal(["confinement.read"], Faults(full with { Read = full.Read.Add("/a") }));
        Assert.Equal(["confinement.write"], Faults(full with { Write = Many("/a", ManifestLimits.MaxPaths + 1) }));
        Assert.Equal(["confinement.execute"], Faults(full with { Execute = Many("/a", ManifestLimits.MaxPaths + 1) }));
    }

    [Fact]
    public void Running_out_of_memory_is_the_named_cause_of_a_crash()
    {
        var cause = CrashCause.From(ExitStatus.BySignal(9) with { OutOfMemory = true });
        Assert.Equal(CrashKind.OutOfMemory, cause.Kind);
        Assert.Equal("was killed for memory (signal 9 (SIGKILL)): it used up its limits.memory", cause.Text);
        Assert.Equal(CrashKind.ExitCode, CrashCause.From(ExitStatus.WithCode(1) with { OutOfMemory = true }).Kind);
    }

    private static IEnumerable<string> Faults(ConfinementPolicy policy) =>
        ManifestValidator.Validate(Node.Service("a") with { Confinement = policy }).Select(f => f.Field);

    private static ImmutableArray<string> Many(string text, int count) => [.. Enumerable.Repeat(text, count)];
}
