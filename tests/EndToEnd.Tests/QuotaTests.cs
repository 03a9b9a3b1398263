using System.Text.Json;
using Strata.Ipc;

namespace Strata.EndToEnd.Tests;

/// <summary>A quota outlives the process that counts it, however that ends.</summary>
public sealed class QuotaTests
{
    private const int Quota = 200_000;
    private const int Piece = 9_000;
    private const int Kills = 4;

    /// <summary>What a crash may cost: the rest of what was taken from the ledger at once, 4 KiB of a quota so small.</summary>
    private const int Chunk = 4096;

    [Fact]
    public async Task Killed_and_restarted_fs_gives_no_more_than_the_quota_and_hardly_less()
    {
        await using var node = Node.Prepare();
        node.Settings["STRATA_FS_ROOTS"] = $"home:{node.DataDir}:rw";
        await node.LaunchAsync();
        var issued = await node.CallAsync("identity.issue", $$"""{"service":"fs","rights":["fs.write_atomic"],"path_prefix":"home:","quota_bytes":{{Quota}}}""");
        var token = JsonDocument.Parse(issued.Payload).RootElement.GetProperty("result").GetProperty("token").GetString()!;
        var written = 0;
        for (var kill = 0; kill < Kills; kill++)
        {
            for (var i = 0; i < 2; i++)
            {
                Assert.Null((await WriteAsync(node, token)).Error);
                written += Piece;
            }

            var pid = await node.PidAsync("fs");
            Node.Signal(pid, Linux.Signal.SIGKILL);
            await node.WaitForStateAsync("fs", "Healthy", pid);
        }

        // A clean end gives back what was taken and not written.
        var last = await node.PidAsync("fs");
        (await node.CtlAsync("svc", "restart", "fs")).Succeeded();
        await node.WaitForStateAsync("fs", "Healthy", last);
        RpcResponse response;
        while ((response = await WriteAsync(node, token)).Error is null)
        {
            written += Piece;
        }

        Assert.Equal("quota_bytes", response.Error!.Reason);
        Assert.InRange(written, Quota - (Kills * Chunk) - Piece, Quota);
    }

    private static Task<RpcResponse> WriteAsync(Node node, string token) =>
        node.CallAsync("fs.write_atomic", $$"""{"path":"file","replace":true,"data":"{{new string('x', Piece)}}"}""", token);
}
