using Strata.Hosting;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class StartupTests
{
    private static readonly ServiceManifest Fs = BuiltInManifests.Fs;

    [Fact]
    public void A_program_named_by_its_variable_goes_before_one_beside_the_supervisor()
    {
        Assert.Equal("/bin/sh", Find(name => name == "STRATA_FS_BIN" ? "/bin/sh" : null, "/nowhere")["fs"]);
        var own = Path.GetFileName(StubService.Program);
        Assert.Equal(StubService.Program, Find(_ => null, AppContext.BaseDirectory.TrimEnd('/'), own)["fs"]);
    }

    [Fact]
    public void A_program_is_looked_for_in_PATH_last() =>
        Assert.Equal("/bin/sh", Find(name => name == "PATH" ? "relative:/bin" : null, "/nowhere", "sh")["fs"]);

    [Fact]
    public void Every_missing_program_is_named_with_what_to_do()
    {
        var finder = new ProgramFinder(name => name == "STRATA_IDENTITY_BIN" ? "/nowhere/identity" : null, "/nowhere");
        finder.FindAll(BuiltInManifests.All, out var missing);
        Assert.Equal(["registry", "identity", "fs"], missing.Select(f => f.Service));
        Assert.Contains("set STRATA_REGISTRY_BIN", missing[0].Message, StringComparison.Ordinal);
        Assert.Contains("STRATA_IDENTITY_BIN is /nowhere/identity", missing[1].Message, StringComparison.Ordinal);
        Assert.Contains("set STRATA_FS_BIN", missing[2].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_second_claim_on_a_runtime_directory_names_the_first()
    {
        var dir = Directory.CreateTempSubdirectory("svt");
        try
        {
            var settings = NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? Path.Combine(dir.FullName, "deep/node") : null);
            using (NodeDirectories.Claim(settings))
            {
                var refusal = Assert.Throws<AlreadyRunsException>(() => NodeDirectories.Claim(settings));
                Assert.Contains($"pid {Environment.ProcessId}", refusal.Message, StringComparison.Ordinal);
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(settings.StateDir));
            }

            Assert.Equal("", File.ReadAllText(Path.Combine(settings.RuntimeDir, NodeDirectories.LockName)));
            NodeDirectories.Claim(settings).Dispose();
        }
        finally
        {
            dir.Delete(recursive: true);
        }
    }

    private const string AnyVersion = "N.N.N";

    [Theory]
    [InlineData("--version", 0, "supervisor " + AnyVersion)]
    [InlineData("--help", 0, "Usage: supervisor")]
    [InlineData("--frobnicate", CommandLine.ExitUsage, "")]
    [InlineData("serve", CommandLine.ExitUsage, "")]
    public async Task Arguments_explain_and_start_nothing(string argument, int exit, string told)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        Assert.Equal(exit, await CommandLine.RunAsync([argument], output, errors, _ => throw new InvalidOperationException("started")));
        Assert.StartsWith(told.Replace(AnyVersion, Contracts.StrataVersion.Current, StringComparison.Ordinal), output.ToString(), StringComparison.Ordinal);
        Assert.Equal(exit != 0, errors.ToString().Contains("takes no arguments", StringComparison.Ordinal));
    }

    private static Dictionary<string, string> Find(Func<string, string?> variable, string beside, string program = "fs") =>
        new ProgramFinder(variable, beside).FindAll([Fs with { Program = program }], out _);
}
