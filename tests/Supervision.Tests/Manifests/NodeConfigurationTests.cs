using System.Text;

namespace Strata.Supervision.Tests.Manifests;

public sealed class NodeConfigurationTests
{
    [Fact]
    public void The_built_in_services_are_what_their_files_declare()
    {
        var directory = Checkout.At("lib/Supervision/Manifests/BuiltIn");
        ServiceManifest[] all = [.. BuiltInManifests.All, .. BuiltInManifests.Optional];
        Assert.Equal(all.Select(m => m.Name + ManifestFile.Suffix).Order(), Directory.GetFiles(directory).Select(Path.GetFileName).Order());
        foreach (var builtIn in all)
        {
            var name = builtIn.Name + ManifestFile.Suffix;
            var document = ManifestReader.Read(new ManifestFile(name, System.IO.File.ReadAllBytes(Path.Combine(directory, name))));
            Assert.Empty(document.Faults);

            // Lists compare by identity, not by what is in them.
            Assert.Equal(builtIn.Requires, document.Manifest.Requires);
            Assert.Equal(builtIn.Offers, document.Manifest.Offers);
            Assert.Equal(builtIn.Confinement is null, document.Manifest.Confinement is null);
            if (builtIn.Confinement is { } mine && document.Manifest.Confinement is { } theirs)
            {
                Assert.Equal((mine.Seccomp, mine.NoNewPrivileges), (theirs.Seccomp, theirs.NoNewPrivileges));
                Assert.Equal([.. mine.Read, "", .. mine.Write, "", .. mine.Execute, "", .. mine.KeepCapabilities], (string[])[.. theirs.Read, "", .. theirs.Write, "", .. theirs.Execute, "", .. theirs.KeepCapabilities]);
            }

            Assert.Empty(document.Manifest.Arguments);
            Assert.Empty(document.Manifest.Capabilities);
            Assert.Equal(builtIn, document.Manifest with
            {
                Requires = builtIn.Requires, Arguments = builtIn.Arguments, Confinement = builtIn.Confinement, Offers = builtIn.Offers, Capabilities = builtIn.Capabilities,
            });
        }
    }

    [Fact]
    public void The_roots_of_fs_may_be_narrowed_by_a_file_and_its_other_confinement_may_not()
    {
        var plan = NodeConfiguration.Read([new ManifestFile("fs.service.json", """{ "name": "fs", "confinement": { "read": ["/srv"], "keep_capabilities": ["CAP_DAC_READ_SEARCH"] } }"""u8.ToArray())]).Plan!;
        Assert.Equal(BuiltInManifests.Fs.Confinement, plan.Manifests["fs"].Confinement! with { Read = BuiltInManifests.Fs.Confinement!.Read, KeepCapabilities = BuiltInManifests.Fs.Confinement.KeepCapabilities });
        Assert.Equal(["/srv"], plan.Manifests["fs"].Confinement!.Read);

        var refused = NodeConfiguration.Read(
        [
            new ManifestFile("fs.service.json", """{ "name": "fs", "confinement": { "seccomp": "none", "write": ["/"] } }"""u8.ToArray()),
            new ManifestFile("identity.service.json", """{ "name": "identity", "confinement": { "read": ["/"] } }"""u8.ToArray()),
        ]);
        Assert.Equal(["confinement.seccomp", "confinement.write", "confinement.read"], refused.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Without_files_a_node_runs_the_built_in_services()
    {
        var configuration = NodeConfiguration.Read([]);

        Assert.Empty(configuration.Faults);
        Assert.Equal(["fs", "identity", "registry"], configuration.Plan!.Manifests.Keys.Order());
    }

    [Fact]
    public void An_optional_service_is_there_when_a_file_of_its_name_is_and_tuned_like_the_others()
    {
        var plain = NodeConfiguration.Read([new ManifestFile("sandbox.service.json", """{"name":"sandbox"}"""u8.ToArray())]);
        Assert.Empty(plain.Faults);
        Assert.Equal(BuiltInManifests.Sandbox, plain.Plan!.Manifests["sandbox"]);

        var tuned = NodeConfiguration.Read([new ManifestFile("sandbox.service.json", """{"name":"sandbox","environment":{"STRATA_SANDBOX_MAX_SESSIONS":"10"}}"""u8.ToArray())]);
        Assert.Equal("10", tuned.Plan!.Manifests["sandbox"].Environment["STRATA_SANDBOX_MAX_SESSIONS"]);

        var replaced = NodeConfiguration.Read([File("sandbox", "\"requires\": [\"fs\"]")]);
        Assert.Equal(["exec", "requires"], replaced.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Services_of_files_join_the_built_in_ones()
    {
        var configuration = NodeConfiguration.Read([File("a", "\"requires\": [\"fs\", \"b\"]"), File("b")]);

        Assert.Empty(configuration.Faults);
        Assert.Equal(["a"], configuration.Plan!.Graph.Levels[^1]);
    }

    [Fact]
    public void Faults_of_all_files_and_of_the_whole_come_together_and_nothing_half_is_run()
    {
        var configuration = NodeConfiguration.Read(
        [
            File("c", "\"requires\": [\"identty\"],\n\"stop\": { \"drain\": \"61s\" }"),
            File("a", "\"wants\": [\"b\"],\n\"socket\": { \"name\": \"fs.sock\" }"),
            File("b", "\"requires\": [\"a\"]"),
            new ManifestFile("d.service.json", "{"u8.ToArray()),
            new ManifestFile("f.service.json", default) { Unreadable = "is a directory" },
            File("e", "\"requires\": [\"d\", \"f\"],\n\"stop\": { \"drain\": 61 }"),
        ]);

        Assert.Null(configuration.Plan);
        Assert.Equal(
            [
                "a.service.json:1:40: wants[0]: dependency cycle: a -> b -> a; remove one of these from requires, wants or after",
                "a.service.json:2:21: socket.name: fs.sock is declared by more than one manifest: fs, a",
                "c.service.json:1:43: requires[0]: identty is not a declared service; did you mean identity?",
                "c.service.json:2:20: stop.drain: is 61s, must be 0s to 1m",
                "d.service.json:1:2: is not JSON: Expected depth to be zero at the end of the JSON payload. There is an open JSON object or array that should be closed",
                "e.service.json:2:20: stop.drain: must be a time such as \"250ms\", \"5s\", \"2m\" or \"1h\", not a number; put the unit behind it and quotes around: \"61s\"",
                "f.service.json: is a directory",
            ],
            configuration.Faults.Select(f => f.ToString()));
    }

    [Fact]
    public void A_file_may_tune_a_built_in_service_but_not_change_what_it_is()
    {
        var tuned = NodeConfiguration.Read([new ManifestFile("fs.service.json", """{"name":"fs","environment":{"STRATA_AUDIT_READS":"all"},"stop":{"drain":"9s"}}"""u8.ToArray())]);
        Assert.Empty(tuned.Faults);
        var fs = tuned.Plan!.Manifests["fs"];
        Assert.Equal(BuiltInManifests.Fs with { Environment = fs.Environment, DrainTimeout = TimeSpan.FromSeconds(9) }, fs);
        Assert.Equal("all", fs.Environment["STRATA_AUDIT_READS"]);

        var replaced = NodeConfiguration.Read([File("identity", "\"requires\": [\"fs\"]")]);
        Assert.Equal(["exec", "requires"], replaced.Faults.Select(f => f.Field));
        Assert.All(replaced.Faults, f => Assert.Contains(
            "identity is a built-in service: a file may set its environment, readiness, watchdog, restart, quarantine, strategy, stop, log and nothing else", f.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("supervisor")]
    [InlineData("Big")]
    [InlineData("")]
    public void A_file_named_for_no_service_is_refused(string name)
    {
        var configuration = NodeConfiguration.Read([File(name)]);

        Assert.Equal("name", Assert.Single(configuration.Faults).Field);
    }

    [Fact]
    public void A_node_takes_files_up_to_its_limit_of_services()
    {
        Assert.NotNull(NodeConfiguration.Read(Many(ManifestLimits.MaxServices - 3)).Plan);
        Assert.Equal("services: services: at most 256 on one node", Assert.Single(NodeConfiguration.Read(Many(ManifestLimits.MaxServices - 2)).Faults).ToString());
        Assert.Null(NodeConfiguration.Read(Many(ManifestLimits.MaxServices + 50)).Plan);
        static ManifestFile[] Many(int count) => [.. Enumerable.Range(0, count).Select(i => File($"s{i}"))];
    }

    private static ManifestFile File(string name, string? more = null) =>
        new($"{name}.service.json", Encoding.UTF8.GetBytes($"{{\"name\": \"{name}\", \"exec\": [\"x\"]{(more is null ? "" : ", " + more)}}}"));
}
