using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Strata.Nix.Tests;

/// <summary>The flake's outputs, as far as they can be known without nixpkgs.</summary>
public sealed class FlakeTests
{
    private static readonly string[] Systems = ["aarch64-linux", "x86_64-linux"];

    public FlakeTests() => NixEvaluator.Require();

    [Fact]
    public async Task It_offers_a_package_for_each_program_on_both_architectures()
    {
        var flake = await OutputsAsync();
        Assert.Equal(["checks", "devShells", "formatter", "nixosConfigurations", "nixosModules", "overlays", "packages"], Texts(flake.GetProperty("outputs")));
        Assert.Equal(["nixpkgs"], Texts(flake.GetProperty("inputs")));
        string[] programs = [.. Regex.Matches(Checkout.Read("build/Programs.csproj"), "TrimmerRootAssembly Include=\"([^\"]+)\"").Single().Groups[1].Value.Split(';').Append("default").Order(StringComparer.Ordinal)];
        foreach (var system in Systems)
        {
            Assert.Equal(programs, Texts(flake.GetProperty("packages").GetProperty(system)));
            Assert.Equal(["node", "package"], Texts(flake.GetProperty("checks").GetProperty(system)));
            Assert.Equal(["default"], Texts(flake.GetProperty("devShells").GetProperty(system)));
        }

        Assert.Equal(Systems, Texts(flake.GetProperty("formatters")));
        Assert.Equal(flake.GetProperty("shell").GetString(), flake.GetProperty("devenv").GetString());
        Assert.Equal(["default", "strata"], Texts(flake.GetProperty("modules")));
        Assert.Equal(["strata"], Texts(flake.GetProperty("overlay")));
        Assert.All(flake.GetProperty("main").EnumerateObject(), p => Assert.Equal(p.Name == "default" ? "strata-ctl" : p.Name, p.Value.GetString()));
    }

    [Fact]
    public async Task Each_machine_is_of_its_architecture_and_imports_the_image_it_is_for()
    {
        var machines = (await OutputsAsync()).GetProperty("machines");
        Assert.Equal(["strata-iso-aarch64", "strata-iso-x86_64", "strata-vm-aarch64", "strata-vm-x86_64"], machines.EnumerateObject().Select(m => m.Name));
        foreach (var machine in machines.EnumerateObject())
        {
            var parts = machine.Name.Split('-', 3);
            Assert.Equal($"{parts[2]}-linux", machine.Value.GetProperty("system").GetString());
            Assert.Equal([Checkout.At("nixos/machine.nix"), Checkout.At($"nixos/{parts[1]}.nix")], Texts(machine.Value.GetProperty("files")));
        }

        Assert.Contains("/installer/cd-dvd/iso-image.nix\"", Checkout.Read("nixos/iso.nix"), StringComparison.Ordinal);
        Assert.Contains("/virtualisation/qemu-vm.nix\"", Checkout.Read("nixos/vm.nix"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_package_is_built_from_all_that_the_programs_are_made_of()
    {
        var strata = (await OutputsAsync()).GetProperty("strata");
        Assert.Equal(Checkout.At("nix/deps.json"), strata.GetProperty("deps").GetString());
        Assert.True(File.Exists(Checkout.At(strata.GetProperty("projectFile").GetString()!)));
        var sources = Texts(strata.GetProperty("sources"));
        Assert.All(sources, path => Assert.True(Path.Exists(path), $"{path} is not there"));

        // What build.sh makes a new build of, and what projects take from elsewhere in the checkout.
        var projects = new[] { "cmd", "lib", "build" }.SelectMany(area => Directory.EnumerateFiles(Checkout.At(area), "*.*proj", SearchOption.AllDirectories)).ToList();
        var taken = projects.SelectMany(project => Regex.Matches(File.ReadAllText(project), "Include=\"(\\.\\./[^\"*;]+)\"").Select(m => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(project)!, m.Groups[1].Value))));
        var named = new[] { "Directory.Build.props", "Directory.Packages.props", "global.json", "BannedSymbols.txt", "docs/man/supervisor.8" }.Select(Checkout.At);
        Assert.All(taken.Concat(named).Concat(projects), file => Assert.True(sources.Any(s => file == s || file.StartsWith(s + "/", StringComparison.Ordinal)), $"nix/packages.nix does not take {file} along"));
    }

    [Fact]
    public async Task What_the_unit_names_of_Debian_is_replaced_by_the_packages_own()
    {
        var script = (await OutputsAsync()).GetProperty("strata").GetProperty("postInstall").GetString()!;
        var replaced = Regex.Matches(script, @"--replace-fail (\S+) (\S+)").Select(m => (Old: m.Groups[1].Value, New: m.Groups[2].Value)).ToList();
        Assert.Equal(3, replaced.Count);
        var unit = string.Join('\n', UnitFile.Directives.Select(d => $"{d.Name}={d.Value}"));
        Assert.All(replaced, r => Assert.Contains(r.Old, unit, StringComparison.Ordinal));
        unit = replaced.Aggregate(unit, (text, r) => text.Replace(r.Old, r.New, StringComparison.Ordinal));
        Assert.DoesNotMatch(@"(?<!stub-\w*)/(usr|s?bin|lib)/", unit.Replace("/var/lib/", "", StringComparison.Ordinal).Replace("$out/lib/", "", StringComparison.Ordinal));
        Assert.Contains("ExecStart=$out/lib/strata/supervisor", unit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nixos/machine.nix", "import FILE")]
    [InlineData("nixos/tests/strata.nix", "(import FILE { module = { }; }).nodes.machine")]
    public async Task Its_machines_have_a_node_that_starts(string file, string expression)
    {
        var machine = await NixOs.OfAsync(expression.Replace("FILE", Checkout.At(file), StringComparison.Ordinal));
        Assert.Empty(machine.Failed);
        Assert.Empty(machine.Warnings);
        Assert.Equal(["strata"], machine.Texts("unitPackages"));
        Assert.Empty(machine.Overrides);
        Assert.Empty(machine.FaultsOfManifests());
    }

    [Fact]
    public async Task The_script_of_the_virtual_machines_test_is_Python()
    {
        var script = (await OutputsAsync()).GetProperty("testScript").GetString()!;
        Assert.Contains("/nix/store/stub-toplevel/specialisation/second/bin/switch-to-configuration test", script, StringComparison.Ordinal);
        var start = new ProcessStartInfo("python3", ["-c", "import ast, sys; ast.parse(sys.stdin.read())"]) { RedirectStandardInput = true, RedirectStandardError = true };
        using var python = Process.Start(start)!;
        await python.StandardInput.WriteAsync(script);
        python.StandardInput.Close();
        var errors = await python.StandardError.ReadToEndAsync();
        await python.WaitForExitAsync();
        Assert.True(python.ExitCode == 0, errors);
    }

    [Fact]
    public void The_lock_file_pins_nixpkgs_and_nothing_else()
    {
        using var locked = JsonDocument.Parse(Checkout.Read("flake.lock"));
        var nodes = locked.RootElement.GetProperty("nodes");
        Assert.Equal(["nixpkgs", "root"], nodes.EnumerateObject().Select(n => n.Name));
        var pin = nodes.GetProperty("nixpkgs").GetProperty("locked");
        Assert.Matches("^[0-9a-f]{40}$", pin.GetProperty("rev").GetString());
        Assert.Matches("^sha256-[A-Za-z0-9+/]{43}=$", pin.GetProperty("narHash").GetString());
        var original = nodes.GetProperty("nixpkgs").GetProperty("original");
        Assert.Contains($"github:{original.GetProperty("owner").GetString()}/{original.GetProperty("repo").GetString()}/{original.GetProperty("ref").GetString()}", Checkout.Read("flake.nix"), StringComparison.Ordinal);
    }

    private static async Task<JsonElement> OutputsAsync() =>
        JsonDocument.Parse(await NixEvaluator.RunAsync("--eval", "--strict", "--json", Checkout.At("tests/nix/outputs.nix"))).RootElement;

    private static string[] Texts(JsonElement list) => [.. list.EnumerateArray().Select(e => e.GetString()!)];
}
