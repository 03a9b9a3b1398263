using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Processes;

public class SmokeScriptTests
{
    private static string Script
    {
        get
        {
            var directory = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(Path.Join(directory!.FullName, "scripts/smoke.sh")))
            {
                directory = directory.Parent;
            }

            return Path.Join(directory.FullName, "scripts/smoke.sh");
        }
    }

    [Fact]
    public async Task It_passes_on_a_good_node_from_any_folder_and_leaves_nothing_behind()
    {
        await using var fake = new FakeFileNode();
        var temporary = Directory.CreateDirectory(Path.Join(fake.Node.Directory, "tmp")).FullName;
        var (code, output, error) = await CtlProcess.RunAsync(fake.Node, "sh", "-c", $"cd / && TMPDIR={temporary} sh {Script}");
        Assert.True(code == 0, output + error);
        Assert.EndsWith("\n19 ok, 0 failed\n", output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(temporary));
    }

    [Fact]
    public async Task It_fails_on_a_node_that_forgets_a_revocation()
    {
        await using var fake = new FakeFileNode { ForgetsRevocations = true };
        var (code, output, _) = await CtlProcess.RunAsync(fake.Node, "sh", Script);
        Assert.Equal(1, code);
        Assert.Contains("\nFAIL  the revoked token is denied\n", output, StringComparison.Ordinal);
        Assert.EndsWith("\n18 ok, 1 failed\n", output, StringComparison.Ordinal);
    }
}
