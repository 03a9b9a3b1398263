namespace Strata.Nix.Tests;

/// <summary>Configurations that must not build, each with what is said of it.</summary>
public sealed class FaultTests
{
    public FaultTests() => NixEvaluator.Require();

    [Theory]
    [InlineData("services.a = { };", "services.a: say either package or exec, and not both")]
    [InlineData("services.a = { exec = [ \"/a\" ]; package = { type = \"derivation\"; outPath = \"/nix/store/a\"; meta.mainProgram = \"a\"; }; };", "services.a: say either package or exec, and not both")]
    [InlineData("services.a.exec = [ \"bin/a\" ];", "services.a: exec must begin with an absolute path, not bin/a")]
    [InlineData("services.A.exec = [ \"/a\" ];", "services.A: a name has lower-case letters")]
    [InlineData("services.supervisor.exec = [ \"/a\" ];", "services.supervisor: the supervisor is no service")]
    [InlineData("services.fs.exec = [ \"/a\" ];", "services.fs: it is part of the node, which has its program")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.watchdgo.interval = \"5s\"; };", "services.a: watchdgo is no field; there are $schema, after")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.socket.nmae = \"x\"; };", "services.a: socket.nmae is no field; there are backlog")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.readiness.timeout = \"5 s\"; };", "services.a: readiness.timeout must match")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.kind = \"demon\"; };", "services.a: kind must be one of \"service\", \"oneshot\", \"timer\", not \"demon\"")]
    [InlineData("services.a = { exec = [ \"/a\" ]; limits.memory = 64; };", "services.a: limits.memory must be of type string")]
    [InlineData("services.a = { exec = [ \"/a\" ]; limits.cpu = 5000; };", "services.a: limits.cpu must be 0.01 to 1024, not 5000")]
    [InlineData("services.a = { exec = [ \"/a\" ]; limits.swap = 1; };", "services.a: limits.swap is no field; there are cpu, memory, open_files, pids")]
    [InlineData("services.a = { exec = [ \"/a\" ]; capabilities = [ { service = \"fs\"; } ]; };", "services.a: capabilities[0].rights is missing")]
    [InlineData("services.a = { exec = [ \"/a\" ]; capabilities = [ { service = \"fs\"; rights = [ ]; } ]; };", "services.a: capabilities[0].rights must have at least 1")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.requires = [ \"fs\" ]; };", "services.a: manifest.requires: write dependsOn instead")]
    [InlineData("services.a = { exec = [ \"/a\" ]; restart = \"never\"; manifest.restart.policy = \"always\"; };", "services.a: manifest.restart.policy: write restart instead")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.confinement.user = \"nobody\"; };", "services.a: manifest.confinement.user takes a privilege")]
    [InlineData("services.a = { exec = [ \"/a\" ]; manifest.confinement.network = \"none\"; };", "services.a: manifest.confinement.network takes a privilege")]
    [InlineData("services.a = { exec = [ \"/a\" ]; dependsOn = [ \"bb\" ]; };", "services.a: dependsOn: bb is not a service of this node; there are fs, identity, registry")]
    [InlineData("services.a = { exec = [ \"/a\" ]; dependsOn = [ \"b\" ]; }; services.b = { enable = false; exec = [ \"/b\" ]; };", "services.a: dependsOn: b is not enabled; there are fs")]
    [InlineData("services.a = { exec = [ \"/a\" ]; dependsOn = [ \"a\" ]; };", "services.a: dependsOn: it cannot wait for itself")]
    [InlineData("services.a = { exec = [ \"/a\" ]; dependsOn = [ \"b\" ]; }; services.b = { exec = [ \"/b\" ]; manifest.after = [ \"c\" ]; }; services.c = { exec = [ \"/c\" ]; manifest.wants = [ \"a\" ]; };", "services.strata.services: a -> b -> c -> a wait for one another")]
    public Task A_service_that_no_node_would_take_is_refused_by_name(string options, string expected) => IsRefusedAsync(options, expected);

    [Theory]
    [InlineData("sandbox = { enable = true; networks = [ \"bridge\" ]; }; network.enable = true;", "sandbox.networks: bridge takes a node that root runs")]
    [InlineData("sandbox = { enable = true; networks = [ \"proxy\" ]; };", "sandbox: networks and registries take the machine's network; set network.enable")]
    [InlineData("sandbox = { enable = true; registries = [ \"docker.io\" ]; };", "sandbox: networks and registries take the machine's network; set network.enable")]
    [InlineData("sandbox = { enable = true; registries = [ \"a,b\" ]; }; network.enable = true;", "sandbox.registries: \"a,b\" must not contain")]
    [InlineData("sandbox.networks = [ \"proxy\" ]; network.enable = true;", "sandbox: networks and registries are for the sandbox service; set sandbox.enable")]
    [InlineData("services.sandbox = { };", "services.sandbox: set sandbox.enable as well")]
    [InlineData("settings.STRATA_SANDBOX_MAX_SESSIONS = 5;", "settings.STRATA_SANDBOX_MAX_SESSIONS: only the sandbox service reads it; set sandbox.enable")]
    [InlineData("settings.STRATA_SANDBOX_NETWORKS = \"proxy\";", "settings.STRATA_SANDBOX_NETWORKS: write services.strata.sandbox.networks instead")]
    [InlineData("sandbox.enable = true; services.sandbox.exec = [ \"/a\" ];", "services.sandbox: it is part of the node, which has its program")]
    public Task A_sandbox_service_that_could_not_work_is_refused(string options, string expected) => IsRefusedAsync(options, expected);

    [Theory]
    [InlineData("settings.STRATA_NODE_ID = \"x\";", "settings.STRATA_NODE_ID: write services.strata.nodeId instead")]
    [InlineData("settings.STRATA_STATE_DIR = \"/x\";", "settings.STRATA_STATE_DIR: the unit decides it")]
    [InlineData("settings.STRATA_TOKEN = \"x\";", "settings.STRATA_TOKEN: only strata-ctl reads it")]
    [InlineData("settings.STRATA_AUDIT_READ = \"all\";", "settings.STRATA_AUDIT_READ: the node has no such variable; there are STRATA_AUDIT_READS")]
    [InlineData("settings.PATH = \"/x\";", "settings.PATH: the node has no such variable")]
    [InlineData("settings.STRATA_JOURNAL = \"off\\nSTRATA_TOKEN_VERSION=v4\";", "settings.STRATA_JOURNAL: a value is one line")]
    [InlineData("roots.Docs.path = \"/srv\";", "roots.Docs: a name has lower-case letters")]
    [InlineData("roots.a.path = \"/srv/a,b\";", "roots.a: the path must not contain ',', ':', '%'")]
    [InlineData("roots.a = { path = \"/srv/a /etc\"; writable = true; };", "roots.a: the path must not contain")]
    [InlineData("roots.a = { path = \"/srv/%h\"; writable = true; };", "roots.a: the path must not contain")]
    [InlineData("environmentFile = \"/a\\nExecStartPre=/b\";", "environmentFile must be an absolute path without")]
    [InlineData("roots.a = { path = \"/nix/store/x\"; writable = true; };", "roots.a: /nix/store/x is in the store")]
    [InlineData("roots.a.path = \"/tmp/x\";", "roots.a: the node's unit has a /tmp/x of its own")]
    [InlineData("roots.a = { path = \"/var\"; writable = true; };", "roots.a: /var holds or lies in the node's state or runtime directory")]
    [InlineData("roots.a = { path = \"/\"; writable = true; };", "roots.a: / holds or lies in the node's state or runtime directory")]
    [InlineData("roots.a = { path = \"/run/strata/x\"; writable = true; };", "roots.a: /run/strata/x holds or lies in")]
    [InlineData("templates.Reader.service = \"fs\";", "templates.Reader: a name has lower-case letters")]
    [InlineData("operators = [ \"alice\" ];", "operators: there is no users.users.alice")]
    [InlineData("operators = [ \"strata\" ];", "operators: the node knows users by number; set users.users.strata.uid")]
    [InlineData("user = \"alice\";", "user: there is no users.users.alice")]
    [InlineData("group = \"staff\";", "group: there is no users.groups.staff")]
    [InlineData("identity.passphraseFile = \"/nix/store/x\";", "identity.passphraseFile must not be in the store")]
    [InlineData("identity.passphraseFile = \"secret\";", "identity.passphraseFile must be an absolute path without")]
    [InlineData("identity.oldPassphraseFile = \"/secret\";", "identity.oldPassphraseFile: the new one is missing")]
    [InlineData("environmentFile = \"/nix/store/x\";", "environmentFile must not be in the store")]
    [InlineData("openGateway = true;", "openGateway: the node has no gateway yet")]
    [InlineData("network.openFirewall = true; network.ports = [ 80 ];", "network.openFirewall: nothing listens without network.enable")]
    [InlineData("network.enable = true; network.openFirewall = true;", "network.openFirewall: say which ports")]
    [InlineData("network.enable = true; network.ports = [ 80 ];", "network.ports: they are for network.openFirewall")]
    [InlineData("extraFlags = [ \"--a b\" ];", "extraFlags: \"--a b\" has characters")]
    public Task What_a_node_would_not_start_with_is_refused_by_option(string options, string expected) => IsRefusedAsync(options, expected);

    [Theory]
    [InlineData("nodeId = \"a b\";", "services.strata.nodeId")]
    [InlineData("runtimeDir = \"/var/strata\";", "services.strata.runtimeDir")]
    [InlineData("runtimeDir = \"/run/../etc\";", "services.strata.runtimeDir")]
    [InlineData("settings.STRATA_TOKEN_VERSION = \"v3\";", "services.strata.settings.STRATA_TOKEN_VERSION")]
    [InlineData("settings.STRATA_MAX_TTL_SECONDS = 0;", "services.strata.settings.STRATA_MAX_TTL_SECONDS")]
    [InlineData("watchdogSec = \"30s\";", "services.strata.watchdogSec")]
    [InlineData("network = { enable = true; openFirewall = true; ports = [ 70000 ]; };", "services.strata.network.ports")]
    [InlineData("operators = [ (-1) ];", "services.strata.operators")]
    [InlineData("services.a.restart = \"sometimes\";", "services.strata.services.a.restart")]
    [InlineData("services.a.command = \"/a\";", "services.strata.services.a.command' does not exist")]
    [InlineData("roots.a.path = \"srv\";", "services.strata.roots.a.path")]
    [InlineData("roots.a = { };", "services.strata.roots.a.path")]
    [InlineData("templates.a.right = [ \"fs.read\" ];", "services.strata.templates.a.right' does not exist")]
    [InlineData("templates.a.rate_limit = \"50\";", "services.strata.templates.a.rate_limit")]
    [InlineData("enabel = true;", "services.strata.enabel' does not exist")]
    public async Task A_value_of_another_type_is_refused_by_option(string options, string expected) =>
        Assert.Contains(expected, await NixOs.ErrorAsync(options), StringComparison.Ordinal);

    [Fact]
    public async Task Every_fault_is_told_at_once()
    {
        var machine = await NixOs.WithAsync("openGateway = true; services.a.exec = [ \"a/b\" ]; services.B.exec = [ \"/b\" ]; operators = [ \"alice\" ];");
        Assert.True(machine.Failed.Length >= 4, string.Join('\n', machine.Failed));
        Assert.All(machine.Failed, message => Assert.StartsWith("services.strata.", message, StringComparison.Ordinal));
    }

    private static async Task IsRefusedAsync(string options, string expected)
    {
        var machine = await NixOs.WithAsync(options);
        Assert.True(machine.Failed.Any(message => message.Contains(expected, StringComparison.Ordinal)), $"expected: {expected}\nsaid: {string.Join('\n', machine.Failed)}");
    }
}
