using System.Diagnostics;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Processes;

/// <summary>Packages that need nothing of the machine bring the native libraries along, in the directory of the programs.</summary>
public class NativeLibraryTests
{
    [Fact]
    public async Task Libraries_beside_the_program_are_loaded_in_place_of_the_systems()
    {
        using var programs = new TempDirectory();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, programs[Path.GetFileName(file)]);
        }

        var system = await LoadedAsync(CtlProcess.Program);
        foreach (var name in new[] { "libsodium.so.23", "libseccomp.so.2" })
        {
            File.Copy(system.Single(path => Path.GetFileName(path) == name), programs[name]);
        }

        var own = await LoadedAsync(programs["strata-ctl"]);
        Assert.Equal([programs["libseccomp.so.2"], programs["libsodium.so.23"]], own.Order(StringComparer.Ordinal));
    }

    /// <summary>Which of the two the dynamic linker says that it has initialised.</summary>
    private static async Task<List<string>> LoadedAsync(string program)
    {
        await using var node = new FakeNode();
        var start = CtlProcess.StartInfo(node, program, "doctor", "--json");
        start.Environment["LD_DEBUG"] = "files";
        using var process = Process.Start(start)!;
        var (_, output, told) = await CtlProcess.EndAsync(process);
        Assert.Contains("\"libsodium\"", output, StringComparison.Ordinal);
        return [.. told.Split('\n').Where(line => line.Contains("calling init: ", StringComparison.Ordinal)).Select(line => line.Split("calling init: ")[1].Trim())
            .Where(path => path.Contains("libsodium", StringComparison.Ordinal) || path.Contains("libseccomp", StringComparison.Ordinal))];
    }
}
