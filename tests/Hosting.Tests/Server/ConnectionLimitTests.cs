using System.Text.Json;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting.Tests.Server;

public sealed class ConnectionLimitTests
{
    [Fact]
    public async Task Connections_of_one_user_are_limited_and_the_refusal_says_so()
    {
        await using var server = new TestServer(new ServerOptions { MaxConnectionsPerUid = 3 });
        await RefusesTheFourthAsync(server, "user");
    }

    [Fact]
    public async Task Connections_of_the_service_are_limited_and_the_refusal_says_so()
    {
        await using var server = new TestServer(new ServerOptions { MaxConnections = 3, Loops = 2 });
        await RefusesTheFourthAsync(server, "the service has 3");
    }

    [Fact]
    public async Task Client_library_reports_the_refusal_and_not_just_a_lost_connection()
    {
        await using var server = new TestServer(new ServerOptions { MaxConnections = 1 });
        using var first = server.Connect();
        Assert.Equal("in", first.Echo("in"));
        for (var i = 0; i < 20; i++)
        {
            await using var second = await RpcClient.ConnectAsync(server.Path);
            var refused = await Assert.ThrowsAsync<RpcException>(() => second.SendAsync(new RpcRequest("test.ping")).Soon());
            Assert.Equal(ErrorCode.ResourceExhausted, refused.Error.Code);
            Assert.Equal("too_many_connections", refused.Error.Reason);
        }
    }

    [Fact]
    public void Each_user_has_its_own_count_and_places_come_back()
    {
        var quota = new ConnectionQuota(max: 3, maxPerUid: 2);
        Assert.Null(quota.TryTake(1000));
        Assert.Null(quota.TryTake(1000));
        Assert.Contains("user 1000 has 2", quota.TryTake(1000));
        Assert.Null(quota.TryTake(1001));
        Assert.Contains("the service has 3", quota.TryTake(1002));
        quota.Release(1000);
        Assert.Null(quota.TryTake(1002));
        quota.Release(1000);
        quota.Release(1001);
        Assert.Null(quota.TryTake(1000));
    }

    private static async Task RefusesTheFourthAsync(TestServer server, string wording)
    {
        var clients = Enumerable.Range(0, 3).Select(_ => server.Connect()).ToList();
        Assert.All(clients, c => Assert.Equal("in", c.Echo("in")));
        using (var fourth = server.Connect())
        {
            var refusal = fourth.Read()!.Value;
            AssertRefusal(refusal, wording);
            Assert.True(fourth.IsClosed());
        }

        Assert.Contains(wording, await server.Events.NextDropAsync());
        Assert.All(clients, c => Assert.Equal("still in", c.Echo("still in")));
        clients[0].Dispose();
        await Patience.UntilAsync(() => HasRoom(server));
        clients.ForEach(c => c.Dispose());
    }

    private static void AssertRefusal(JsonElement refusal, string wording)
    {
        Assert.False(refusal.GetProperty("ok").GetBoolean());
        Assert.Equal("", refusal.GetProperty("req_id").GetString());
        var error = refusal.GetProperty("error");
        Assert.Equal("RESOURCE_EXHAUSTED", error.GetProperty("name").GetString());
        Assert.Equal("too_many_connections", error.GetProperty("details").GetProperty("reason").GetString());
        Assert.Contains(wording, error.GetProperty("message").GetString());
    }

    private static bool HasRoom(TestServer server)
    {
        using var next = server.Connect();
        next.SendWithoutWaiting(RawClient.Request("test.echo", "n"));
        return next.Read()!.Value.GetProperty("ok").GetBoolean();
    }

    [Fact]
    public async Task Client_that_trusts_nobody_else_does_not_speak_to_what_another_user_listens_with()
    {
        await using var server = new TestServer();
        var owner = uint.MaxValue;
        var refused = await Assert.ThrowsAsync<RpcException>(() => RpcClient.ConnectAsync(server.Path, null, uid =>
        {
            owner = uid;
            return false;
        }));
        Assert.Equal("untrusted_server", refused.Error.Reason);
        Assert.Equal(Strata.Linux.UserId.Effective, owner);
        await using var trusting = await RpcClient.ConnectAsync(server.Path, null, PeerAuthority.MayServe);
        Assert.Null((await trusting.SendAsync(new RpcRequest("test.ping")).Soon()).Error);
        Assert.False(PeerAuthority.MayServe(UserId.Effective + 1));
    }
}
