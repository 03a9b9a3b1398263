using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Strata.Nix.Tests;

/// <summary>The unit with the module's drop-in, as systemd reads it.</summary>
public sealed class SystemdTests : IDisposable
{
    // What is as hardened as a unit can be while its services are looked after.
    private const double Hardened = 1.0;

    private const string Everything =
        """
        user = "daemon"; group = "daemon"; runtimeDir = "/run/strata-2"; watchdogSec = 60; startTimeoutSec = 120; environmentFile = "/secrets/env";
        identity = { passphraseFile = "/secrets/a"; oldPassphraseFile = "/secrets/b"; }; extraFlags = [ "--exit-with-children" ];
        roots.a = { path = "/srv/a"; writable = true; }; roots.h.path = "/home/alice";
        """;

    private readonly TempDirectory _temp = new();

    public SystemdTests()
    {
        NixEvaluator.Require();
        Assert.SkipUnless(File.Exists("/usr/bin/systemd-analyze"), "systemd-analyze is missing; on Debian: apt-get install systemd");
    }

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("", Hardened)]
    [InlineData(Everything, Hardened)]
    [InlineData(Everything + "network.enable = true;", 2.0)]
    public async Task Systemd_takes_the_drop_in_and_finds_the_unit_as_hardened_as_the_manual_says(string options, double exposure)
    {
        var unit = await WriteAsync(await NixOs.WithAsync(options, "users.users.daemon.uid = 1; users.groups.daemon = { };"));
        var (said, code) = await AnalyzeAsync("verify", "--man=no", unit);
        Assert.True(code == 0 && said.Length == 0, said);
        (said, _) = await AnalyzeAsync("security", "--offline=true", unit);
        var found = double.Parse(said.Split("exposure level for strata.service:")[1].Trim().Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.True(found <= exposure, $"exposure {found}, at most {exposure} allowed\n{said}");
    }

    /// <summary>Writes both as NixOS does: a directive with a list once for each item.</summary>
    private async Task<string> WriteAsync(NixOs machine)
    {
        var unit = _temp["strata.service"];
        await File.WriteAllTextAsync(unit, Checkout.Read(UnitFile.Path).Replace("/usr/lib/strata/supervisor", "/bin/true", StringComparison.Ordinal));
        var text = new StringBuilder("[Service]\n");
        foreach (var (name, json) in machine.Overrides)
        {
            using var value = JsonDocument.Parse(json);
            IEnumerable<JsonElement> items = value.RootElement.ValueKind == JsonValueKind.Array ? value.RootElement.EnumerateArray() : [value.RootElement];
            foreach (var item in items)
            {
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"{name}={item}\n");
            }
        }

        Directory.CreateDirectory(_temp["strata.service.d"]);
        await File.WriteAllTextAsync(Path.Combine(_temp["strata.service.d"], "overrides.conf"), text.Replace("/nix/store/stub-strata/lib/strata/supervisor", "/bin/true").ToString());
        return unit;
    }

    private static async Task<(string Said, int Code)> AnalyzeAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (await output + await errors, process.ExitCode);
    }
}
