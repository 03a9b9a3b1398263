using Strata.Contracts;
using Strata.Ipc;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests.Methods;

/// <summary>What a service may ask of others, as the supervisor tells it.</summary>
public sealed class AuthorityMethodTests
{
    [Fact]
    public async Task It_tells_what_a_service_holds_and_where_it_is_reached()
    {
        var holder = Stub("holder") with
        {
            Capabilities = [new HeldCapability { Service = "supervisor", Rights = ["supervisor.logs"], RateLimit = "5rps" }], Offers = ["holder.ask"],
        };
        await using var node = Start(Stub("identity"), holder);
        var holds = await AskAsync(node, "holder");
        Assert.Equal((Linux.UserId.Effective, true, "built-in"), (holds.Uid, holds.IsAuthority, holds.Place));
        var held = Assert.Single(holds.Holds);
        Assert.Equal(("supervisor", "supervisor.logs", "5rps"), (held.Service, Assert.Single(held.Rights).Right, held.Constraints!.RateLimit));
        Assert.Equal((node.Settings.SocketOf("holder"), "holder.ask"), (holds.Socket, Assert.Single(holds.Offers!)));
        Assert.Null(holds.File);

        var own = await AskAsync(node, "supervisor");
        Assert.Equal((null, true, node.Settings.SocketOf("supervisor")), (own.State, own.IsAuthority, own.Socket));
        var unknown = await Assert.ThrowsAsync<RpcException>(() => AskAsync(node, "hodler"));
        Assert.Equal(("unknown_service", true), (unknown.Error.Reason, unknown.Message.Contains("did you mean holder?", StringComparison.Ordinal)));
    }

    [Fact]
    public void A_place_is_the_line_of_the_file_that_says_it()
    {
        var file = new ManifestFile("/etc/a.service.json", """
            { "name": "a", "exec": ["/bin/a"],
              "capabilities": [
                { "service": "fs", "rights": ["fs.read"] } ] }
            """u8.ToArray());
        var places = new ManifestPlaces { Locate = NodeConfiguration.Read([file]).Locate };
        Assert.Equal("/etc/a.service.json:3:35", places.Of("a", "capabilities", "capabilities[0].rights[0]"));
        Assert.Equal("/etc/a.service.json:2:19", places.Of("a", "capabilities"));
        Assert.Equal("built-in", places.Of("fs", "capabilities"));
    }

    private static async Task<ServiceAuthority> AskAsync(TestNode node, string name)
    {
        await using var client = await node.ConnectAsync();
        return await client.CallAsync("supervisor.svc.authority", new ServiceParams(name), ContractsJson.Default.ServiceParams, ContractsJson.Default.ServiceAuthority);
    }
}
