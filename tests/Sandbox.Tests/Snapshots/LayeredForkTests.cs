using Strata.Contracts;

namespace Strata.Sandbox.Tests;

/// <summary>Snapshots of sessions on images of layers: what was removed of the image stays removed, what was made anew hides what was there.</summary>
public sealed class LayeredForkTests
{
    private const string Show = "cd /; for f in gone old/* swapped/* new; do [ -e $f ] && echo $f=$(cat $f 2>/dev/null || echo dir); done; busybox ls -A /old";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_a_session_removed_hid_and_made_of_its_layers_is_so_in_forks_and_when_it_goes_back(bool inMemory)
    {
        await using var it = await LayeredNode.StartAsync("{}", "sh", "cat", "rm", "mkdir", "mv");
        var limits = inMemory ? ""","limits":{"disk_bytes":8388608}""" : "";
        await it.Client.CreateAsync($$"""{"session":"s","image":"app","user":"root"{{limits}}}""");
        Assert.Equal("old/new=upper\nold/other=upper\nnew\nother\n", await it.ShellSaysAsync("s", Show));

        await it.ShellSaysAsync("s", "rm /old/other; echo mine > /old/mine; rm -r /etc; mkdir /etc; echo only > /etc/only; echo back > /gone; mkdir /swapped; echo x > /swapped/x");
        await it.Client.GetAsync("snapshot", """{"session":"s","snapshot":"one"}""", ContractsJson.Default.SandboxSnapshot);
        const string First = "gone=back\nold/mine=mine\nold/new=upper\nswapped/x=x\nmine\nnew\n";
        Assert.Equal(First, await it.ShellSaysAsync("s", Show));

        await it.ShellSaysAsync("s", "rm -r /old /swapped /gone; mkdir /old; echo anew > /old/anew; echo file > /swapped");
        const string Second = "old/anew=anew\nanew\n";
        Assert.Equal(Second, await it.ShellSaysAsync("s", Show));
        await it.Client.GetAsync("snapshot", """{"session":"s","snapshot":"two"}""", ContractsJson.Default.SandboxSnapshot);

        foreach (var (snapshot, expected) in new[] { ("one", First), ("two", Second) })
        {
            await it.Client.GetAsync("fork", $$"""{"snapshot":"{{snapshot}}","session":"f-{{snapshot}}"}""", ContractsJson.Default.StatusResult);
            Assert.Equal(expected, await it.ShellSaysAsync("f-" + snapshot, Show));
            await it.Client.GetAsync("restore", $$"""{"snapshot":"{{snapshot}}","session":"s"}""", ContractsJson.Default.StatusResult);
            Assert.Equal(expected, await it.ShellSaysAsync("s", Show));
            Assert.Equal("only\n", await it.ShellSaysAsync("s", "busybox ls -A /etc | busybox grep -v -e '^hosts$' -e '^resolv.conf$' -e '^hostname$'"));
        }

        // A fork of a fork, of what was removed once more.
        await it.ShellSaysAsync("f-one", "rm /old/new /gone");
        await it.Client.GetAsync("snapshot", """{"session":"f-one","snapshot":"three"}""", ContractsJson.Default.SandboxSnapshot);
        await it.Client.GetAsync("fork", """{"snapshot":"three","session":"f-three"}""", ContractsJson.Default.StatusResult);
        Assert.Equal("old/mine=mine\nswapped/x=x\nmine\n", await it.ShellSaysAsync("f-three", Show));
        if (!inMemory)
        {
            await it.RestartAsync();
            Assert.Equal(Second, await it.ShellSaysAsync("f-two", Show));
            Assert.Equal("old/mine=mine\nswapped/x=x\nmine\n", await it.ShellSaysAsync("f-three", Show));
        }
    }
}
