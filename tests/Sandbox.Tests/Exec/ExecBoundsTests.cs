using System.Text;
using Strata.Contracts;
using Strata.Ipc;

namespace Strata.Sandbox.Tests;

/// <summary>How many commands there may be, and what becomes of one whose caller is no longer there.</summary>
public sealed class ExecBoundsTests : SessionTests
{
    [Fact]
    public async Task As_many_commands_run_beside_each_other_as_may_and_one_more_is_refused()
    {
        const string command = "until [ -e /tmp/go ]; do sleep 0.2; done; echo ran";
        await OneIsRefusedAsync(ExecLimits.MaxRuns, command, ""","stateless":true""", () => Client.CallAsync("start", """{"session":"s","command":"touch /tmp/go"}"""));
    }

    [Fact]
    public async Task As_many_commands_wait_for_the_shell_as_may_and_one_more_is_refused()
    {
        await using var first = await Node.ConnectAsync();
        await using var holding = first.StreamAsync("exec", ExecClient.Params("echo begun; until [ -e /tmp/go ]; do sleep 0.05; done")).GetAsyncEnumerator();
        Assert.Equal("begun\n", await FirstOutputAsync(holding));

        await OneIsRefusedAsync(ExecLimits.MaxWaiting, "echo ran", "", () => Client.RunAsync("touch /tmp/go", ""","stateless":true"""));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_cancels_and_who_hangs_up_ends_the_command_alone_and_the_one_can_go_on_calling(bool cancels)
    {
        Assert.Equal("", (await Client.RunAsync("X=kept; sleep 2000 &")).Output);
        await using var caller = await Node.ConnectAsync();
        using var leaves = new CancellationTokenSource();
        await using (var running = caller.StreamAsync("exec", ExecClient.Params("echo begun; sleep 1000; touch /tmp/after"), leaves.Token).GetAsyncEnumerator(CancellationToken.None))
        {
            Assert.Equal("begun\n", await FirstOutputAsync(running));
            if (cancels)
            {
                await leaves.CancelAsync();
            }
            else
            {
                await caller.DisposeAsync();
            }

            await Assert.ThrowsAnyAsync<Exception>(async () => await running.MoveNextAsync().AsTask().Soon());
        }

        await Patience.UntilAsync(async () => (await Client.RunAsync("grep -lz '^1000$' /proc/[0-9]*/cmdline", ""","stateless":true""")).Output.Length == 0);
        Assert.Equal("kept\n", (await Client.RunAsync("echo $X; ls /tmp/after 2>/dev/null")).Output);
        Assert.NotEqual("", (await Client.RunAsync("grep -lz '^2000$' /proc/[0-9]*/cmdline", ""","stateless":true""")).Output);
        if (cancels)
        {
            Assert.Equal("here\n", (await caller.RunAsync("echo here")).Output);
        }
    }

    /// <summary>Calls one time more than may be: whoever comes last, one is refused, and all others are answered once they may go on.</summary>
    private async Task OneIsRefusedAsync(int limit, string command, string further, Func<Task> release)
    {
        var calls = new List<Task<RpcResponse>>();
        var client = Client;
        for (var i = 0; i <= limit; i++)
        {
            // One connection has no room for all of them.
            client = i % 8 == 0 ? await Node.ConnectAsync() : client;
            calls.Add(client.CallAsync("exec", ExecClient.Params(command, further)));
        }

        var refused = await (await Task.WhenAny(calls)).Soon();
        Assert.Equal((ErrorCode.ResourceExhausted, SandboxReasons.TooManyExecs), (refused.Error!.Code, refused.Error.Reason));
        await release();
        var all = await Task.WhenAll(calls).Soon();
        Assert.Equal(1, all.Count(one => one.Error is not null));
        Assert.All(all.Where(one => one.Error is null), one => Assert.Equal("ran\n", Encoding.UTF8.GetString(one.Get(ContractsJson.Default.SandboxExecItem).StdoutB64!.Value.Span)));
        Assert.Equal("room\n", (await Client.RunAsync("echo room", further)).Output);
    }

    private static async Task<string> FirstOutputAsync(IAsyncEnumerator<RpcResponse> items)
    {
        while (await items.MoveNextAsync().AsTask().Soon())
        {
            if (items.Current.Continues && items.Current.Get(ContractsJson.Default.SandboxExecItem).StdoutB64 is { Length: > 0 } output)
            {
                return Encoding.UTF8.GetString(output.Span);
            }
        }

        return "";
    }
}
