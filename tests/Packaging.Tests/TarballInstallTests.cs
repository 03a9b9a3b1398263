namespace Strata.Packaging.Tests;

/// <summary>The tarball's own installer, into a tree.</summary>
public sealed class TarballInstallTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public TarballInstallTests()
    {
        SmallTree.Make(
            _temp["strata"], DateTime.UnixEpoch, ("lib/strata/supervisor", "one"), ("share/doc/strata/README.md", "read"), ("share/man/man8/supervisor.8.gz", "man"), ("etc/strata/strata.env", "# settings\n"),
            ("lib/systemd/system/strata.service", Checkout.Read("packaging/systemd/strata.service")), ("share/bash-completion/completions/strata-ctl", "complete"));
        Directory.CreateDirectory(_temp["strata/bin"]);
        File.CreateSymbolicLink(_temp["strata/bin/strata-supervisor"], "../lib/strata/supervisor");
        Stubs.Executable(_temp["strata/install.sh"], Checkout.Read("packaging/tarball/install.sh"));
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("/usr/local")]
    [InlineData("/opt/strata-1.0")]
    public async Task The_unit_starts_the_programs_of_the_prefix(string prefix)
    {
        (await RunAsync("--prefix", prefix)).Succeeded();
        var unit = File.ReadAllText(_temp["root/etc/systemd/system/strata.service"]);
        Assert.Contains($"\nExecStart={prefix}/lib/strata/supervisor\n", unit, StringComparison.Ordinal);
        Assert.DoesNotContain("/usr/lib/strata", unit, StringComparison.Ordinal);
        Assert.Equal("one", File.ReadAllText(_temp["root" + prefix + "/bin/strata-supervisor"]));
    }

    [Fact]
    public async Task Installing_again_exchanges_programs_that_may_be_running_and_keeps_settings()
    {
        (await RunAsync()).Succeeded();
        File.WriteAllText(_temp["root/etc/strata/strata.env"], "STRATA_NODE_ID=mine\n");
        using var running = File.OpenRead(_temp["root/usr/local/lib/strata/supervisor"]);
        File.WriteAllText(_temp["strata/lib/strata/supervisor"], "two");
        (await RunAsync()).Succeeded();
        Assert.Equal("two", File.ReadAllText(_temp["root/usr/local/lib/strata/supervisor"]));
        Assert.Equal((byte)'o', running.ReadByte());
        Assert.Equal("STRATA_NODE_ID=mine\n", File.ReadAllText(_temp["root/etc/strata/strata.env"]));
    }

    [Fact]
    public async Task Uninstalling_takes_what_was_installed_and_leaves_configuration_and_the_files_of_others()
    {
        (await RunAsync()).Succeeded();
        File.WriteAllText(_temp["root/usr/local/bin/other"], "not ours");
        (await RunAsync("--uninstall")).Succeeded();
        var left = Directory.GetFiles(_temp["root"], "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(_temp["root"], f)).Order(StringComparer.Ordinal);
        Assert.Equal(["etc/strata/strata.env", "usr/local/bin/other"], left);
    }

    [Theory]
    [InlineData("must be an absolute path", "--prefix", "opt")]
    [InlineData("may hold letters", "--prefix", "/opt/a b")]
    [InlineData("may hold letters", "--prefix", "/opt/a#b")]
    [InlineData("belongs to the system's packages", "--prefix", "/usr")]
    [InlineData("--prefix needs a directory", "--prefix")]
    [InlineData("unknown argument --frobnicate", "--frobnicate")]
    public async Task What_cannot_be_done_is_refused_before_anything_is_written(string says, params string[] arguments)
    {
        var result = await RunAsync(arguments);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(says, result.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_temp["root"]));
    }

    private Task<CommandResult> RunAsync(params string[] arguments) =>
        Command.RunAsync(_temp["strata/install.sh"], arguments, new Dictionary<string, string?> { ["DESTDIR"] = _temp["root"] });
}
