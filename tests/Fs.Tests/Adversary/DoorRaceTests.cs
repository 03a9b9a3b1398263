using Strata.Contracts;

namespace Strata.Fs.Tests;

/// <summary>
/// An attacker with a shell swaps a directory for a link that leads out, as fast as it can, while a client changes and reads what is beneath it: for 20 s, which
/// other tests of the suite use as well. <see cref="Race"/> says how it is made longer.
/// </summary>
public sealed class DoorRaceTests
{
    [Fact]
    public async Task No_change_lands_outside_while_a_door_is_swapped_for_a_link()
    {
        await using var node = new FsNode(writable: true);
        File.WriteAllText(Path.Combine(node.Outside, "secret"), "secret");
        Directory.CreateDirectory(node["door"]);
        File.CreateSymbolicLink(node["decoy"], node.Outside);
        var client = await node.ConnectAsync();
        var tally = new Dictionary<bool, int> { [true] = 0, [false] = 0 };
        var swaps = await Race.RunAsync(
            TimeSpan.FromSeconds(20),
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
                        Assert.Contains(error.Reason, Race.Refusals);
                    }
                    else if (method == "fs.open")
                    {
                        await client.TryCloseAsync(response.Get(ContractsJson.Default.OpenResult).Handle);
                    }
                }
            });
        TestContext.Current.TestOutputHelper?.WriteLine($"{swaps} swaps, {tally[true]} calls done, {tally[false]} refused");
        Assert.True(tally[true] > 0 && tally[false] > 0, $"the race must go both ways: {tally[true]} done, {tally[false]} refused");
        Assert.Equal(["secret"], Directory.GetFileSystemEntries(node.Outside).Select(Path.GetFileName));
        Assert.Equal("secret", File.ReadAllText(Path.Combine(node.Outside, "secret")));
        Assert.NotEqual((UnixFileMode)0x1FF, File.GetUnixFileMode(Path.Combine(node.Outside, "secret")));
    }
}
