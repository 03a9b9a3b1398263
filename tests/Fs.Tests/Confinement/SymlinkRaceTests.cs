using System.Diagnostics;
using Strata.Contracts;

namespace Strata.Fs.Tests;

/// <summary>An attacker who can write beneath the prefix swaps a directory for a link that leads out, as fast as it can.</summary>
public sealed class SymlinkRaceTests
{
    private static readonly TimeSpan Attack = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_swapped_link_never_yields_the_secret_though_a_check_before_the_open_leaks_it()
    {
        await using var node = new FsNode();
        File.WriteAllText(Path.Combine(node.Outside, "file"), "SECRET");
        Directory.CreateDirectory(node["door"]);
        node.Write("door/file", "public"u8);
        File.CreateSymbolicLink(node["decoy"], node.Outside);
        using var done = new CancellationTokenSource();
        var swapping = Task.Factory.StartNew(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    Assert.Equal(0, Native.Exchange(node["door"], node["decoy"]));
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        var client = await node.ConnectAsync();
        var (opened, denied, leaked) = (0, 0, 0);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < Attack || ((leaked == 0 || opened == 0 || denied == 0) && clock.Elapsed < Patience))
        {
            var response = await client.TryOpenAsync("door/file");
            if (response.Error is { } error)
            {
                Assert.Contains(error.Reason, (string[])["path_outside_prefix", "not_found", "path_unsettled"]);
                denied++;
            }
            else
            {
                var handle = response.Get(ContractsJson.Default.OpenResult).Handle;
                Assert.Equal("public", (await client.ReadAsync(handle)).Data);
                await client.TryCloseAsync(handle);
                opened++;
            }

            leaked += CheckThenOpen(node) == "SECRET" ? 1 : 0;
        }

        await done.CancelAsync();
        await swapping;
        Assert.True(opened > 0 && denied > 0, $"the race must go both ways: {opened} opened, {denied} denied");
        Assert.True(leaked > 0, "the attack must be real: opening after a check must have leaked");
    }

    /// <summary>How it is often done: look whether the path holds a link, then open it.</summary>
    private static string? CheckThenOpen(FsNode node)
    {
        try
        {
            return new DirectoryInfo(node["door"]).LinkTarget is null ? File.ReadAllText(node["door/file"]) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
