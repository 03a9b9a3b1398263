namespace Strata.Nix.Tests;

/// <summary>What the module changes of the package's unit, directive by directive.</summary>
public sealed class UnitTests
{
    private const string Sandbox = "ProcSubset=\"all\" ProtectHostname=\"no\" ProtectKernelLogs=\"no\" ProtectKernelTunables=\"no\" ProtectProc=\"default\" ";
    private const string Alice = "users.users.alice.uid = 1000; users.groups.staff = { };";

    // What is no hardening: who runs it, how it is started and watched, what it is handed.
    private static readonly string[] Service =
    [
        "User", "Group", "RuntimeDirectory", "WatchdogSec", "TimeoutStartSec", "EnvironmentFile", "LoadCredential", "ExecStart",
    ];

    public UnitTests() => NixEvaluator.Require();

    [Theory]
    [InlineData("nodeId = \"n\"; settings.STRATA_AUDIT_READS = \"all\"; operators = [ 1000 ]; templates = { };", "")]
    [InlineData("services.a.exec = [ \"/a\" ]; roots.a.path = \"/srv/a\"; installCli = false; validateServices = false;", "")]
    [InlineData("user = \"alice\";", "User=\"alice\"")]
    [InlineData("group = \"staff\";", "Group=\"staff\"")]
    [InlineData("runtimeDir = \"/run/strata-2\";", "RuntimeDirectory=[\"\",\"strata-2\"]")]
    [InlineData("watchdogSec = 60;", "WatchdogSec=60")]
    [InlineData("startTimeoutSec = 120;", "TimeoutStartSec=120")]
    [InlineData("environmentFile = \"/secrets/env\";", "EnvironmentFile=[\"/secrets/env\"]")]
    [InlineData("identity.passphraseFile = \"/secrets/a\";", "LoadCredential=[\"strata.identity-passphrase:/secrets/a\"]")]
    [InlineData("identity = { passphraseFile = \"/secrets/a\"; oldPassphraseFile = \"/secrets/b\"; };", "LoadCredential=[\"strata.identity-passphrase:/secrets/a\",\"strata.identity-old-passphrase:/secrets/b\"]")]
    [InlineData("extraFlags = [ \"--exit-with-children\" ];", "ExecStart=[\"\",\"/nix/store/stub-strata/lib/strata/supervisor --exit-with-children\"]")]
    [InlineData("roots.a = { path = \"/srv/a\"; writable = true; };", "ReadWritePaths=[\"/srv/a\"]")]
    [InlineData("roots.a.path = \"/home/alice\"; roots.b.path = \"/srv/b\";", "BindPaths=[] BindReadOnlyPaths=[\"/home/alice\"] ProtectHome=\"tmpfs\"")]
    [InlineData("roots.a = { path = \"/home/alice\"; writable = true; };", "BindPaths=[\"/home/alice\"] BindReadOnlyPaths=[] ProtectHome=\"tmpfs\" ReadWritePaths=[\"/home/alice\"]")]
    [InlineData("network.enable = true;", "IPAddressDeny=\"\" PrivateNetwork=false RestrictAddressFamilies=[\"AF_INET\",\"AF_INET6\"]")]
    [InlineData("network = { enable = true; openFirewall = true; ports = [ 8443 ]; };", "IPAddressDeny=\"\" PrivateNetwork=false RestrictAddressFamilies=[\"AF_INET\",\"AF_INET6\"]")]
    [InlineData("sandbox.enable = true;", Sandbox + "RestrictAddressFamilies=[\"AF_NETLINK\"] RestrictNamespaces=\"no\" SystemCallFilter=\"@mount @setuid @chown capset sethostname setdomainname\"")]
    [InlineData("sandbox = { enable = true; networks = [ \"proxy\" ]; }; network.enable = true;", "IPAddressDeny=\"\" PrivateNetwork=false " + Sandbox + "RestrictAddressFamilies=[\"AF_INET\",\"AF_INET6\",\"AF_NETLINK\"] RestrictNamespaces=\"no\" SystemCallFilter=\"@mount @setuid @chown capset sethostname setdomainname\"")]
    public async Task An_option_changes_its_own_directives_and_no_other(string options, string expected)
    {
        var machine = await NixOs.WithAsync(options, Alice);
        Assert.Empty(machine.Failed);
        Assert.Equal(expected, string.Join(' ', machine.Overrides.OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => $"{d.Key}={d.Value}")));
    }

    [Fact]
    public async Task Only_homes_that_are_served_writable_folders_the_network_and_sandboxes_loosen_the_hardening()
    {
        var machine = await NixOs.WithAsync(
            """
            nodeId = "n"; user = "alice"; group = "staff"; runtimeDir = "/run/x"; watchdogSec = 1; startTimeoutSec = 1; environmentFile = "/e"; installCli = false;
            identity = { passphraseFile = "/a"; oldPassphraseFile = "/b"; }; extraFlags = [ "--exit-with-children" ]; templates = { }; operators = [ 1 ];
            roots.a.path = "/srv/a"; services.a.exec = [ "/a" ]; validateServices = false; settings.STRATA_AUDIT_READS = "all";
            """,
            Alice);
        Assert.Empty(machine.Failed);
        Assert.Equal(Service.Order(StringComparer.Ordinal), machine.Overrides.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Sandboxes_are_given_what_the_drop_in_gives_them_and_no_other_word_of_it()
    {
        var machine = await NixOs.WithAsync("sandbox.enable = true;");
        var said = Checkout.Read("examples/systemd/sandbox.conf").Split('\n').Where(line => line.Length > 0 && char.IsAsciiLetterUpper(line[0])).Select(line => line.Split('=', 2)).ToList();
        Assert.Equal(said.Select(d => d[0]).Order(StringComparer.Ordinal), machine.Overrides.Keys.Order(StringComparer.Ordinal));
        Assert.All(said, d => Assert.Equal(d[1], string.Join(' ', machine.Overrides[d[0]].Trim('[', ']').Split(',').Select(value => value.Trim('"')))));
        Assert.Contains("bubblewrap", machine["unit"].GetProperty("path").GetRawText(), StringComparison.Ordinal);
        Assert.Contains("STRATA_SANDBOX_NETWORKS=\"none\"", machine.Settings, StringComparison.Ordinal);
        Assert.Equal("""{"name":"sandbox"}""", machine["manifests"].GetProperty("sandbox").GetRawText());
        Assert.Empty(machine.FaultsOfManifests());

        var plain = await NixOs.WithAsync("");
        Assert.DoesNotContain("SANDBOX", plain.Settings, StringComparison.Ordinal);
        Assert.Equal("[]", plain["unit"].GetProperty("path").GetRawText());
    }

    [Fact]
    public async Task What_the_module_takes_for_granted_is_what_the_unit_says()
    {
        var machine = await NixOs.WithAsync("");
        Assert.Equal("strata", UnitFile.Value("User"));
        Assert.Equal("strata", UnitFile.Value("Group"));
        Assert.Equal("/run/strata", "/run/" + UnitFile.Value("RuntimeDirectory"));
        Assert.Equal("/var/lib/strata", "/var/lib/" + UnitFile.Value("StateDirectory"));
        Assert.Equal("0700", UnitFile.Value("StateDirectoryMode"));
        Assert.Equal("30", UnitFile.Value("WatchdogSec"));
        Assert.Equal("90", UnitFile.Value("TimeoutStartSec"));
        Assert.Equal("-/etc/" + machine["etc"].EnumerateObject().Single().Name, UnitFile.Value("EnvironmentFile"));
        Assert.Equal("/etc/strata", "/etc/" + UnitFile.Value("ConfigurationDirectory"));
        Assert.Equal("yes", UnitFile.Value("PrivateTmp"));
        Assert.Equal("yes", UnitFile.Value("ProtectHome"));
        Assert.Equal("multi-user.target", UnitFile.Value("WantedBy"));
    }

    [Fact]
    public void The_unit_that_the_module_builds_on_is_hardened()
    {
        foreach (var directive in new[] { "NoNewPrivileges", "PrivateDevices", "ProtectClock", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "RestrictNamespaces", "RestrictRealtime", "LockPersonality", "PrivateNetwork" })
        {
            Assert.Equal("yes", UnitFile.Value(directive));
        }

        Assert.Equal("strict", UnitFile.Value("ProtectSystem"));
        Assert.Equal("", UnitFile.Value("CapabilityBoundingSet"));
        Assert.Equal("any", UnitFile.Value("IPAddressDeny"));
        Assert.Equal("AF_UNIX", UnitFile.Value("RestrictAddressFamilies"));
    }
}
