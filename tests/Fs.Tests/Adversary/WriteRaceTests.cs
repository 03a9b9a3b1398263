using System.Globalization;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Fs.Tests;

/// <summary>
/// An attacker with a shell swaps directories for links, and moves directories out of the prefix and back, as fast as it can, while a client changes and
/// reads what is beneath them. <c>STRATA_FS_RACE_SECONDS</c> makes it last longer.
/// </summary>
public sealed class WriteRaceTests
{
    private static readonly TimeSpan Attack =
        TimeSpan.FromSeconds(int.Parse(Environment.GetEnvironmentVariable("STRATA_FS_RACE_SECONDS") ?? "4", CultureInfo.InvariantCulture));

    private static readonly string[] Expected = ["path_outside_prefix", "not_found", "path_unsettled", "exists", "not_directory", "not_empty", "cross_device", "is_directory"];

    [Fact]
    public async Task No_change_lands_outside_while_a_door_is_swapped_for_a_link()
    {
        await using var node = new FsNode(writable: true);
        File.WriteAllText(Path.Combine(node.Outside, "secret"), "secret");
        Directory.CreateDirectory(node["door"]);
        File.CreateSymbolicLink(node["decoy"], node.Outside);
        var client = await node.ConnectAsync();
        var tally = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        await AttackAsync(
            () => Assert.Equal(0, Native.Exchange(node["door"], node["decoy"])),
            async i =>
            {
                foreach (var (method, json) in new[]
                {
                    ("fs.write_atomic", $$"""{"path":"door/secret","data":"{{i}}"}"""), ("fs.mkdir", """{"path":"door/dir/deep","parents":true}"""),
                    ("fs.open", """{"path":"door/made","mode":"w","create":true,"truncate":true}"""), ("fs.chmod", """{"path":"door/secret","permissions":"0777"}"""),
                    ("fs.rename", """{"from":"door/secret","to":"door/moved","replace":true}"""), ("fs.link", """{"from":"door/moved","to":"door/linked"}"""),
                    ("fs.copy", """{"from":"door/moved","to":"door/copied","replace":true}"""), ("fs.remove", """{"path":"door/linked"}"""),
                    ("fs.remove_tree", """{"path":"door/dir"}"""), ("fs.hash", """{"path":"door/moved"}"""),
                })
                {
                    var response = await client.CallAsync(method, json);
                    tally[response.Error is null]++;
                    if (response.Error is { } error)
                    {
                        Assert.Contains(error.Reason, Expected);
                    }
                    else if (method == "fs.open")
                    {
                        await client.TryCloseAsync(response.Get(ContractsJson.Default.OpenResult).Handle);
                    }
                }
            });
        Assert.True(tally[true] > 0 && tally[false] > 0, $"the race must go both ways: {tally[true]} done, {tally[false]} refused");
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(node.Outside).Select(Path.GetFileName));
        Assert.Equal("secret", File.ReadAllText(Path.Combine(node.Outside, "secret")));
        Assert.NotEqual((UnixFileMode)0x1FF, File.GetUnixFileMode(Path.Combine(node.Outside, "secret")));
    }

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
        await AttackAsync(
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
                    Assert.Contains(response.Error.Reason, Expected);
                    refused++;
                }
            });
        Assert.True(read > 0 && refused > 0, $"the race must go both ways: {read} read, {refused} refused");
    }

    private static async Task AttackAsync(Action attack, Func<int, Task> call)
    {
        using var done = new CancellationTokenSource();
        var attacking = Task.Factory.StartNew(
            () =>
            {
                while (!done.IsCancellationRequested)
                {
                    attack();
                }
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        var begun = TimeProvider.System.GetTimestamp();
        for (var i = 0; TimeProvider.System.GetElapsedTime(begun) < Attack; i++)
        {
            await call(i);
        }

        await done.CancelAsync();
        await attacking;
    }
}
