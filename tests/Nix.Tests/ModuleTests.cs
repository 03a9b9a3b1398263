using Strata.Supervision;

namespace Strata.Nix.Tests;

public sealed class ModuleTests
{
    public ModuleTests() => NixEvaluator.Require();

    [Fact]
    public async Task A_machine_without_it_enabled_is_left_alone()
    {
        var machine = await NixOs.OfAsync("{ services.strata.enable = false; services.strata.services.x.exec = [ \"bad/path\" ]; }");
        Assert.Empty(machine.Failed);
        Assert.Empty(machine.Overrides);
        Assert.Empty(machine["etc"].EnumerateObject());
        Assert.Empty(machine["users"].EnumerateObject());
        Assert.Empty(machine.Texts("packages"));
    }

    [Fact]
    public async Task Enabled_alone_it_runs_the_packages_unit_as_it_is()
    {
        var machine = await NixOs.WithAsync("");
        Assert.Empty(machine.Failed);
        Assert.Empty(machine.Warnings);
        Assert.Empty(machine.Overrides);
        Assert.Equal(["strata"], machine.Texts("unitPackages"));
        Assert.Equal(["strata"], machine.Texts("packages"));
        Assert.Equal("[\"multi-user.target\"]", machine["unit"].GetProperty("wantedBy").GetRawText());
        Assert.Equal("", machine["unit"].GetProperty("preStart").GetString());
        Assert.Equal("STRATA_NODE_ID=\"machine\"\nSTRATA_RUNTIME_DIR=\"/run/strata\"\n", machine.Settings);
        Assert.Equal(["strata/strata.env"], machine["etc"].EnumerateObject().Select(f => f.Name));
        Assert.Equal("/var/lib/strata", machine["users"].GetProperty("strata").GetProperty("home").GetString());
        Assert.Equal(0, machine["ports"].GetArrayLength());
    }

    [Fact]
    public async Task Settings_are_written_as_systemd_and_the_programs_read_them()
    {
        var machine = await NixOs.WithAsync(
            """
            nodeId = "edge-7"; operators = [ "alice" 1001 ];
            roots.docs.path = "/srv/docs"; roots.home = { path = "/srv/home"; writable = true; };
            settings = { STRATA_MAX_TTL_SECONDS = 3600; STRATA_EXIT_WITH_CHILDREN = true; STRATA_JOURNAL = "off"; STRATA_THUMBS_BIN = "/srv/a \"b\" $c\\d`e"; };
            identity.passphraseFile = "/secrets/new"; identity.oldPassphraseFile = "/secrets/old";
            """,
            "users.users.alice.uid = 1000;");
        Assert.Empty(machine.Failed);
        Assert.Equal(
            """
            STRATA_AUTHORITY_UIDS="1000,1001"
            STRATA_EXIT_WITH_CHILDREN="1"
            STRATA_FS_ROOTS="docs:/srv/docs,home:/srv/home:rw"
            STRATA_IDENTITY_OLD_PASSPHRASE_FILE="/run/credentials/strata.service/strata.identity-old-passphrase"
            STRATA_JOURNAL="off"
            STRATA_MAX_TTL_SECONDS="3600"
            STRATA_NODE_ID="edge-7"
            STRATA_RUNTIME_DIR="/run/strata"
            STRATA_THUMBS_BIN="/srv/a \"b\" \$c\\d\`e"

            """,
            machine.Settings);
    }

    [Fact]
    public async Task What_changes_a_setting_restarts_the_node_and_what_changes_a_service_reloads_it()
    {
        var machine = await NixOs.WithAsync("templates.reader = { service = \"fs\"; rights = [ \"fs.read\" ]; ttl_seconds = 600; }; services.a.package = pkgs; ".Replace("pkgs", "{ type = \"derivation\"; outPath = \"/nix/store/a\"; meta.mainProgram = \"a\"; }", StringComparison.Ordinal));
        Assert.Equal([machine.Settings, "{\"reader\":{\"rights\":[\"fs.read\"],\"service\":\"fs\",\"ttl_seconds\":600}}"], machine.Texts("restarts"));
        Assert.Equal("mkdir -p $out/services.d\ncp /nix/store/stub-a.service.json $out/services.d/a.service.json\n/nix/store/stub-strata/bin/strata-ctl config check $out/services.d\n", Assert.Single(machine.Texts("reloads")));
        Assert.False(machine["unit"].GetProperty("stopIfChanged").GetBoolean());
        Assert.Equal("0444", machine["etc"].GetProperty("strata/services.d/a.service.json").GetString());
    }

    [Fact]
    public async Task A_switch_asks_first_whether_the_new_version_may_use_the_state()
    {
        var machine = await NixOs.WithAsync("user = \"alice\"; group = \"staff\";", "users.users.alice.uid = 1000; users.groups.staff = { };");
        var check = Assert.Single(machine["checks"].EnumerateObject()).Value.GetString()!;
        Assert.Contains("setpriv --reuid alice --regid staff --clear-groups", check, StringComparison.Ordinal);
        Assert.Contains("/nix/store/stub-strata/lib/strata/supervisor --check-state", check, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_run_where_it_is_built_is_checked_by_evaluation_alone()
    {
        var machine = await NixOs.WithAsync("validateServices = false; services.a.exec = [ \"/srv/a\" ];");
        Assert.DoesNotContain("strata-ctl", Assert.Single(machine.Texts("reloads")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Services_become_manifests_that_a_node_takes()
    {
        var machine = await NixOs.WithAsync(
            """
            services.thumbs = {
              package = { type = "derivation"; outPath = "/nix/store/thumbs"; meta.mainProgram = "thumbs"; };
              args = [ "--size" "256" ];
              environment.LANG = "C.UTF-8";
              dependsOn = [ "fs" "cache" ];
              restart = "on_failure";
              limits = { memory = "64M"; cpu = 0.5; pids = 16; };
              capabilities = [ { service = "fs"; rights = [ "fs.open" "fs.read" ]; constraints = { path_prefix = "/srv/pictures"; rate_limit = "100rps"; }; } ];
              manifest = { restart.max = "1m"; readiness.timeout = "20s"; confinement.seccomp = "strict"; after = [ "backup" ]; offers = [ "thumbs.make" ]; socket.mode = "0660"; };
            };
            services.cache.exec = [ "/srv/cache" ];
            services.off = { enable = false; };
            services.backup = { exec = [ "/srv/backup" ]; manifest = { kind = "timer"; timer = { at = "mon-fri 03:30"; timezone = "Europe/Berlin"; }; }; };
            services.fs.environment.STRATA_AUDIT_READS = "all";
            """);
        Assert.Empty(machine.Failed);
        var configuration = NodeConfiguration.Read(machine.ManifestFiles());
        Assert.True(configuration.Faults.IsEmpty, string.Join('\n', configuration.Faults));
        var plan = configuration.Plan!;
        Assert.Equal(["backup", "cache", "fs", "identity", "registry", "thumbs"], plan.Manifests.Keys.Order(StringComparer.Ordinal));

        var thumbs = plan.Manifests["thumbs"];
        Assert.Equal("/nix/store/thumbs/bin/thumbs", thumbs.Program);
        Assert.Equal(["--size", "256"], thumbs.Arguments);
        Assert.Equal(["fs", "cache"], thumbs.Requires);
        Assert.Equal((RestartPolicy.OnFailure, TimeSpan.FromMinutes(1)), (thumbs.Restart, thumbs.Backoff.Max));
        Assert.Equal((64L << 20, 16), (thumbs.Limits!.MemoryBytes, thumbs.Limits.Pids));
    }

    [Fact]
    public async Task A_user_or_group_of_ones_own_is_not_made_again()
    {
        var machine = await NixOs.WithAsync("user = \"alice\"; group = \"users\";", "users.users.alice.uid = 1000; users.groups.users = { };");
        Assert.Empty(machine.Failed);
        Assert.Equal(["alice"], machine["users"].EnumerateObject().Select(u => u.Name));
        Assert.Equal(["users"], machine["groups"].EnumerateObject().Select(g => g.Name));
    }

    [Fact]
    public async Task Clients_learn_where_the_sockets_are_when_that_is_elsewhere()
    {
        var machine = await NixOs.WithAsync("runtimeDir = \"/run/strata-2\";");
        Assert.Equal("/run/strata-2", machine["variables"].GetProperty("STRATA_RUNTIME_DIR").GetString());
        Assert.Empty((await NixOs.WithAsync("runtimeDir = \"/run/strata-2\"; installCli = false;"))["variables"].EnumerateObject());
    }

    [Fact]
    public async Task A_node_that_runs_as_root_is_warned_about()
    {
        var machine = await NixOs.WithAsync("user = \"root\"; group = \"root\";", "users.users.root.uid = 0; users.groups.root = { };");
        Assert.Contains("services.strata.user is root", Assert.Single(machine.Warnings), StringComparison.Ordinal);
    }
}
