using System.Diagnostics;
using Strata.Linux;

namespace Strata.Sandbox.Tests;

/// <summary>What hostile programs leave behind is removed, and nothing else.</summary>
public sealed class ChangesRemovalTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Trees_deeper_than_any_path_that_nobody_may_enter_are_removed()
    {
        const int depth = 1500; // Of five bytes each: longer than the longest path.
        await using var fixture = new EngineFixture();
        var sandbox = await fixture.CreateAsync();

        var said = await Attack.InsideAsync(sandbox, $"""
            for top in ('/workspace', '/var/tmp'):
                os.chdir(top)
                open('file', 'w').close()
                os.symlink('/', 'link')
                for i in range({depth}):
                    os.mkdir('deep')
                    if i % 100 == 0:
                        os.mkdir('beside')
                    os.chdir('deep')
                    if i % 500 == 250:
                        os.chmod('..', 0)
            print('made', flush=True)
            """);
        Assert.Equal("made\n", said.Output + said.Errors);
        await sandbox.DisposeAsync().AsTask().Soon();
        ChangesRemoval.Run(sandbox.Plan.ChangesDirectory);

        Assert.False(Directory.Exists(sandbox.Plan.ChangesDirectory));
    }

    [Fact]
    public async Task A_directory_that_is_exchanged_for_a_link_again_and_again_leads_to_nothing_outside()
    {
        string outside = Path.Combine(_directory.Path, "outside"), tree = Path.Combine(_directory.Path, "tree");
        for (int i = 0; i < 20; i++)
        {
            Directory.CreateDirectory(Path.Combine(outside, $"d{i}"));
            await File.WriteAllTextAsync(Path.Combine(outside, $"d{i}", "kept"), "kept");
        }

        using var swapping = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", $"""
            import ctypes, os
            libc = ctypes.CDLL(None)
            link, count = b'{tree}/link', 0
            while os.path.exists('{outside}'):
                for name in (b'a', b'b', b'c'):
                    libc.renameat2(-100, b'{tree}/' + name, -100, link, 2)
                count += 1
                if count == 100: print('up', flush=True)
            """]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("up", await swapping.StandardOutput.ReadLineAsync().WaitAsync(Patience.Limit));
            for (int round = 0; round < 20; round++)
            {
                Fill(tree, outside);
                ChangesRemoval.Run(tree);

                Assert.False(Directory.Exists(tree));
                Assert.Equal(20, Directory.GetFiles(outside, "kept", SearchOption.AllDirectories).Length);
            }
        }
        finally
        {
            swapping.Kill();
            await swapping.WaitForExitAsync();
        }
    }

    [Fact]
    public void What_is_not_there_is_removed_and_a_link_is_removed_itself()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_directory.Path, "outside")).FullName, link = Path.Combine(_directory.Path, "link");
        File.CreateSymbolicLink(link, outside);

        ChangesRemoval.Run(Path.Combine(_directory.Path, "absent"));
        ChangesRemoval.Run(link);

        Assert.False(File.Exists(link));
        Assert.True(Directory.Exists(outside));
    }

    // Put in its place whole, so that nobody meets it half made.
    private void Fill(string tree, string outside)
    {
        string made = Path.Combine(_directory.Path, "made");
        foreach (string name in new[] { "a", "b", "c" })
        {
            for (int i = 0; i < 20; i++)
            {
                Directory.CreateDirectory(Path.Combine(made, name, $"d{i}", "inner"));
            }
        }

        File.CreateSymbolicLink(Path.Combine(made, "link"), outside);
        Directory.Move(made, tree);
    }
}
