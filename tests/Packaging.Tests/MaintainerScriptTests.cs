using System.Globalization;

namespace Strata.Packaging.Tests;

/// <summary>The package's scripts as dpkg calls them, in a root of their own, with systemd's programs replaced by stubs.</summary>
public sealed class MaintainerScriptTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly Stubs _stubs;

    public MaintainerScriptTests()
    {
        _stubs = new Stubs(_temp.Path);
        foreach (var name in new[] { "deb-systemd-helper", "deb-systemd-invoke", "systemctl", "systemd-sysusers", "strata-ctl" })
        {
            _stubs.Add(name);
        }

        Directory.CreateDirectory(Root + "/run/systemd/system");
        Directory.CreateDirectory(Root + "/etc/strata/services.d");
        Directory.CreateDirectory(Root + "/var/lib/strata/identity");
        File.WriteAllText(Root + "/var/lib/strata/identity/key", "a key");
    }

    private string Root => _temp["root"];

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task A_first_installation_makes_the_user_and_starts_the_node()
    {
        await RunAsync("preinst", "install");
        await RunAsync("postinst", "configure", "");
        Assert.Contains($"systemd-sysusers --root={Root} strata.conf", _stubs.Calls);
        Assert.Contains("deb-systemd-helper enable strata.service", _stubs.Calls);
        Assert.Equal(["systemctl daemon-reload", "deb-systemd-invoke start strata.service"], _stubs.Calls.TakeLast(2));
    }

    [Fact]
    public async Task An_upgrade_replaces_the_supervisor_of_a_running_node_and_stops_nothing()
    {
        await RunAsync("prerm", "upgrade", "2.0.0");
        await RunAsync("preinst", "upgrade", "1.0.0");
        await RunAsync("postrm", "upgrade", "2.0.0");
        await RunAsync("postinst", "configure", "1.0.0");
        Assert.Equal("strata-ctl supervisor upgrade", _stubs.Calls[^1]);
        Assert.DoesNotContain(_stubs.Calls, c => c.StartsWith("deb-systemd-invoke", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upgrade_leaves_a_stopped_node_stopped()
    {
        _stubs.Add("systemctl", "[ \"$*\" != '--quiet is-active strata.service' ]");
        await RunAsync("prerm", "upgrade", "2.0.0");
        await RunAsync("postinst", "configure", "1.0.0");
        Assert.DoesNotContain(_stubs.Calls, c => c.StartsWith("deb-systemd-invoke", StringComparison.Ordinal) || c.StartsWith("strata-ctl", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_upgrade_that_the_supervisor_refuses_leaves_the_old_one_in_charge_and_says_so()
    {
        _stubs.Add("strata-ctl", "echo 'error: a manifest has a fault' >&2; exit 1");
        var result = await RunAsync("postinst", "configure", "1.0.0");
        Assert.Contains("was not replaced", result.Error, StringComparison.Ordinal);
        Assert.Equal("strata-ctl supervisor upgrade", _stubs.Calls[^1]);
    }

    [Fact]
    public async Task An_upgrade_restarts_a_supervisor_that_does_not_answer()
    {
        _stubs.Add("strata-ctl", "exit 3");
        await RunAsync("postinst", "configure", "1.0.0");
        Assert.Equal("deb-systemd-invoke restart strata.service", _stubs.Calls[^1]);
    }

    [Fact]
    public async Task An_upgrade_leaves_a_disabled_unit_disabled()
    {
        _stubs.Add("deb-systemd-helper", "[ \"$2\" != was-enabled ]");
        await RunAsync("postinst", "configure", "1.0.0");
        Assert.Contains("deb-systemd-helper update-state strata.service", _stubs.Calls);
        Assert.DoesNotContain("deb-systemd-helper enable strata.service", _stubs.Calls);
    }

    [Fact]
    public async Task A_removal_stops_the_node_and_keeps_its_state_and_configuration()
    {
        await RunAsync("prerm", "remove");
        await RunAsync("postrm", "remove");
        Assert.Contains("deb-systemd-invoke stop strata.service", _stubs.Calls);
        Assert.Contains("deb-systemd-helper mask strata.service", _stubs.Calls);
        Assert.True(File.Exists(Root + "/var/lib/strata/identity/key"));
    }

    [Fact]
    public async Task Installed_again_after_a_removal_the_node_starts()
    {
        Directory.CreateDirectory(Root + "/var/lib/systemd/deb-systemd-helper-masked");
        File.WriteAllText(Root + "/var/lib/systemd/deb-systemd-helper-masked/strata.service", "");
        await RunAsync("postinst", "configure", "1.0.0");
        Assert.Equal("deb-systemd-invoke start strata.service", _stubs.Calls[^1]);
    }

    [Fact]
    public async Task A_removal_that_is_called_off_starts_the_node_again()
    {
        await RunAsync("prerm", "remove");
        await RunAsync("postinst", "abort-remove");
        Assert.Equal("deb-systemd-invoke start strata.service", _stubs.Calls[^1]);
    }

    [Fact]
    public async Task A_purge_takes_state_and_empty_directories_but_no_manifest_of_an_administrator()
    {
        File.WriteAllText(Root + "/etc/strata/services.d/mine.service.json", "{}");
        Directory.CreateDirectory(Root + "/run/strata");
        await RunAsync("postrm", "purge");
        Assert.False(Directory.Exists(Root + "/var/lib/strata"));
        Assert.False(Directory.Exists(Root + "/run/strata"));
        Assert.True(File.Exists(Root + "/etc/strata/services.d/mine.service.json"));

        File.Delete(Root + "/etc/strata/services.d/mine.service.json");
        await RunAsync("postrm", "purge");
        Assert.False(Directory.Exists(Root + "/etc/strata"));
        Assert.Contains("deb-systemd-helper purge strata.service", _stubs.Calls);
    }

    [Theory]
    [InlineData("postinst", "configure", "")]
    [InlineData("postinst", "abort-remove", "")]
    [InlineData("prerm", "remove", "")]
    [InlineData("postrm", "remove", "")]
    public async Task Where_systemd_does_not_run_nobody_asks_it(string script, string action, string version)
    {
        Directory.Delete(Root + "/run/systemd", recursive: true);
        await RunAsync(script, action, version);
        Assert.DoesNotContain(_stubs.Calls, c => c.StartsWith("systemctl", StringComparison.Ordinal) || c.StartsWith("deb-systemd-invoke", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("preinst", "abort-upgrade")]
    [InlineData("postinst", "abort-upgrade")]
    [InlineData("postinst", "triggered")]
    [InlineData("prerm", "failed-upgrade")]
    [InlineData("prerm", "deconfigure")]
    [InlineData("postrm", "upgrade")]
    [InlineData("postrm", "failed-upgrade")]
    [InlineData("postrm", "abort-install")]
    [InlineData("postrm", "abort-upgrade")]
    [InlineData("postrm", "disappear")]
    public async Task Other_calls_touch_neither_node_nor_state(string script, string action)
    {
        await RunAsync(script, action, "1.0.0");
        Assert.DoesNotContain(_stubs.Calls, c => c != "systemctl daemon-reload");
        Assert.True(File.Exists(Root + "/var/lib/strata/identity/key"));
    }

    [Theory]
    [InlineData("{\"format\":4,\"written_by\":\"9.8.7-rc.1\"}", "install")]
    [InlineData("{ \"written_by\" : \"9.8.7-rc.1\",\n  \"format\" : 4 }\n", "upgrade")]
    [InlineData("{\"format\":999999999,\"written_by\":\"9.8.7-rc.1\",\"more\":[1]}", "upgrade")]
    public async Task State_of_a_later_version_refuses_an_earlier_package(string format, string action)
    {
        var result = await PreinstallAsync(format, action, known: 3);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("written by Strata 9.8.7-rc.1; this version knows formats up to 3", result.Error, StringComparison.Ordinal);
        Assert.Contains("nothing was changed", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"format\":3,\"written_by\":\"1.0.0\"}")]
    [InlineData("{\"format\":1,\"written_by\":\"1.0.0\"}")]
    [InlineData("{\"format\":\"many\"}")]
    [InlineData("{\"format\":99999999999999999999}")]
    [InlineData("")]
    [InlineData("$(touch /tmp/strata-was-here)")]
    public async Task State_that_is_known_or_says_nothing_is_left_to_the_supervisor(string format) =>
        Assert.Equal("", (await PreinstallAsync(format, "upgrade", known: 3)).Succeeded().Error);

    [Fact]
    public async Task State_of_a_later_version_does_not_keep_dpkg_from_going_back() =>
        (await PreinstallAsync("{\"format\":4,\"written_by\":\"9.8.7\"}", "abort-upgrade", known: 3)).Succeeded();

    private async Task<CommandResult> PreinstallAsync(string format, string action, int known)
    {
        File.WriteAllText(Root + "/var/lib/strata/format.json", format);
        Stubs.Executable(_temp["preinst"], Checkout.Read("packaging/debian/preinst").Replace("@STATE_FORMAT@", known.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        return await Command.RunAsync(_temp["preinst"], [action, "9.0.0"], new Dictionary<string, string?> { ["DPKG_ROOT"] = Root });
    }

    private async Task<CommandResult> RunAsync(string script, params string[] arguments)
    {
        var environment = new Dictionary<string, string?> { ["PATH"] = _stubs.SearchPath, ["DPKG_ROOT"] = Root };
        return (await Command.RunAsync("sh", [Checkout.At("packaging/debian/" + script), .. arguments], environment)).Succeeded();
    }
}
