using Strata.Contracts;

namespace Strata.Fs.Tests;

/// <summary>An attacker with a shell moves directories out of the prefix and back, as fast as it can, while a client reads what is beneath them.</summary>
public sealed class ClimbRaceTests
{
    [Fact]
    public async Task No_path_climbs_out_through_a_directory_that_is_moved_away_and_back()
    {
        await using var node = new FsNode(writable: true);
        Directory.CreateDirectory(node["a/b/c"]);
        Directory.CreateDirectory(Path.Combine(node.Outside, "away"));
        node.Write("a/file", "inside"u8);
        File.WriteAllText(Path.Combine(node.Outside, "file"), "secret");
        // Beneath the prefix it leads to a/file; while b is away it would lead to what is beside it there.
        File.CreateSymbolicLink(node["a/b/c/up"], "../../file");
        var client = await node.ConnectAsync();
        var (home, away) = (node["a/b"], Path.Combine(node.Outside, "b"));
        var (read, refused) = (0, 0);
        var swaps = await Race.RunAsync(
            TimeSpan.FromSeconds(4),
            () =>
            {
                Directory.Move(home, away);
                Directory.Move(away, home);
            },
            async _ =>
            {
                var response = await client.TryOpenAsync("a/b/c/up");
                if (response.Error is null)
                {
                    var handle = response.Get(ContractsJson.Default.OpenResult).Handle;
                    Assert.Equal("inside", (await client.ReadAsync(handle)).Data);
                    await client.TryCloseAsync(handle);
                    read++;
                }
                else
                {
                    Assert.Contains(response.Error.Reason, Race.Refusals);
                    refused++;
                }
            });
        TestContext.Current.TestOutputHelper?.WriteLine($"{swaps} moves, {read} read, {refused} refused");
        Assert.True(read > 0 && refused > 0, $"the race must go both ways: {read} read, {refused} refused");
    }
}
