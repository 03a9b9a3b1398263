using System.Text;
using System.Text.Json;
using Strata.Contracts;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox.Tests;

public sealed class NetworkMethodTests
{
    [Fact]
    public async Task What_a_session_may_reach_is_kept_told_and_changed()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var made = await client.CreateAsync("""{"session":"s","network":"proxy","allow":[{"to":"example.org"},{"to":"*.example.org","ports":[8443]}]}""");
        Assert.Equal(2, made.Session.Allow!.Count);
        Assert.Equal(["allow"], (await client.CreateAsync("""{"session":"s","allow":[],"network":"proxy"}""")).Differs);

        var network = await client.GetAsync("network", """{"session":"s"}""", ContractsJson.Default.SandboxNetworkResult);
        Assert.Equal(("proxy", "example.org", 0L), (network.Network, network.Allow[0].To, network.Denied));
        network = await client.GetAsync("network", """{"session":"s","allow":[{"to":"other.example"}]}""", ContractsJson.Default.SandboxNetworkResult);
        Assert.Equal("other.example", Assert.Single(network.Allow).To);

        await node.RestartAsync();
        client = await node.ConnectAsync();
        network = await client.GetAsync("network", """{"session":"s"}""", ContractsJson.Default.SandboxNetworkResult);
        Assert.Equal("other.example", Assert.Single(network.Allow).To);
        Assert.Equal("other.example", Assert.Single(node.Sessions.Table.All().Single().Session!.Network!.Rules.Rules).To);
    }

    [Fact]
    public async Task Wishes_that_cannot_be_are_refused_with_a_reason()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        await client.ErrorAsync("create", """{"allow":[{"to":"example.org"}]}""", ErrorCode.InvalidArgument, null);
        await client.ErrorAsync("create", """{"network":"proxy","allow":[{"to":"0x7f.1"}]}""", ErrorCode.InvalidArgument, null);
        await client.ErrorAsync("create", """{"network":"proxy","allow":[{"to":"127.0.0.1"}]}""", ErrorCode.PermissionDenied, "destination_not_allowed");
        await client.ErrorAsync("create", """{"network":"bridge"}""", ErrorCode.Unavailable, "network_unavailable");
        await client.ErrorAsync("create", """{"network":"host"}""", ErrorCode.Unavailable, "network_unavailable");
        await client.ErrorAsync("create", """{"network":"bridge","placeholders":{"K":{"value":"a","hosts":["a.example"]} } }""", ErrorCode.Unavailable, "network_unavailable");
        await client.CreateAsync("""{"session":"none"}""");
        await client.ErrorAsync("network", """{"session":"none","allow":[]}""", ErrorCode.Conflict, "network_not_proxy");
        await client.ErrorAsync("network", """{"session":"absent"}""", ErrorCode.NotFound, "session_not_found");
    }

    [Fact]
    public async Task A_bridge_is_refused_where_root_does_not_run_the_node_and_names_are_refused_for_one()
    {
        await using var plain = await SandboxNode.StartAsync(options: options => options with { Networks = ["none", "bridge"] });
        var refused = await (await plain.ConnectAsync()).ErrorAsync("create", """{"network":"bridge"}""", ErrorCode.Unavailable, "network_unavailable");
        Assert.Contains("root", refused.Message, StringComparison.Ordinal);

        await using var node = await SandboxNode.StartAsync(new FakeEngine { Networks = ["none", "bridge"] }, options => options with { Networks = ["none", "bridge"] });
        var client = await node.ConnectAsync();
        foreach (string to in new[] { "example.org", "*", "2606:4700::/32" })
        {
            var error = await client.ErrorAsync("create", $$"""{"network":"bridge","allow":[{"to":"{{to}}"}]}""", ErrorCode.InvalidArgument, null);
            Assert.Contains("network proxy", error.Message, StringComparison.Ordinal);
        }

        await client.ErrorAsync("create", """{"network":"bridge","placeholders":{"K":{"value":"a","hosts":["a.example"]} } }""", ErrorCode.InvalidArgument, null);
        var bounded = await node.ConnectAsync(node.Grant(bounds: new SandboxBounds { Networks = NameList.Of(["proxy"]) }));
        await bounded.ErrorAsync("create", """{"network":"bridge"}""", ErrorCode.PermissionDenied, "network_denied");
        var named = await node.ConnectAsync(node.Grant(bounds: new SandboxBounds { Domains = NameList.Of(["example.org"]) }));
        await named.ErrorAsync("create", """{"network":"bridge"}""", ErrorCode.PermissionDenied, "network_denied");
    }

    [Fact]
    public async Task Domains_of_a_capability_hold_when_a_session_is_made_and_when_it_is_changed()
    {
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync(node.Grant(bounds: new SandboxBounds { Domains = NameList.Of(["*.example.org"]) }));
        await client.ErrorAsync("create", """{"network":"proxy","allow":[{"to":"*"}]}""", ErrorCode.PermissionDenied, "destination_not_allowed");
        await client.CreateAsync("""{"session":"s","network":"proxy","allow":[{"to":"a.example.org"}]}""");
        await client.ErrorAsync("network", """{"session":"s","allow":[{"to":"8.8.8.8"}]}""", ErrorCode.PermissionDenied, "destination_not_allowed");
        // A wider capability of the same owner does not widen the session beyond what made it.
        var wider = await node.ConnectAsync();
        await wider.ErrorAsync("network", """{"session":"s","allow":[{"to":"evil.example"}]}""", ErrorCode.PermissionDenied, "destination_not_allowed");
    }

    [Fact]
    public async Task Somebody_elses_network_is_as_good_as_absent_and_ports_take_a_right_of_their_own()
    {
        await using var node = await SandboxNode.StartAsync();
        await (await node.ConnectAsync()).CreateAsync("""{"session":"s","network":"proxy"}""");
        var mallory = await node.ConnectAsync(node.Grant("mallory", ["sandbox.create", "sandbox.expose"]));
        await mallory.ErrorAsync("network", """{"session":"s","allow":[]}""", ErrorCode.NotFound, "session_not_found");
        await mallory.ErrorAsync("connect", """{"session":"s","port":80}""", ErrorCode.NotFound, "session_not_found");
        var alice = await node.ConnectAsync();
        Assert.Equal(ErrorCode.PermissionDenied, (await alice.CallAsync("connect", """{"session":"s","port":80}""")).Error!.Code);
    }

    [Fact]
    public async Task Values_behind_placeholders_are_nowhere_to_be_found()
    {
        const string Secret = "s3cr3t-value-of-the-test";
        await using var node = await SandboxNode.StartAsync();
        var client = await node.ConnectAsync();
        var wish = $$"""{"session":"s","network":"proxy","placeholders":{"API_KEY":{"value":"{{Secret}}","hosts":["api.example"]} } }""";
        Assert.Equal(["API_KEY"], (await client.CreateAsync(wish)).Session.Placeholders);
        var session = node.Sessions.Table.All().Single().Session!;
        Assert.StartsWith("strata-secret-", session.Environment["API_KEY"], StringComparison.Ordinal);
        Assert.Equal("http://127.0.0.1:3128", session.Environment["HTTPS_PROXY"]);
        Assert.Equal("http://127.0.0.1:3128", session.Environment["https_proxy"]);
        foreach (var method in new[] { "get", "network", "stats" })
        {
            Assert.DoesNotContain(Secret, Encoding.UTF8.GetString((await client.CallAsync(method, """{"session":"s"}""")).Result.Span), StringComparison.Ordinal);
        }

        Assert.DoesNotContain(Secret, Encoding.UTF8.GetString((await client.CallAsync("list")).Result.Span), StringComparison.Ordinal);
        await client.ErrorAsync("create", """{"network":"proxy","placeholders":{"K":{"value":"a\r\nb","hosts":["a.example"]} } }""", ErrorCode.InvalidArgument, null);
        await client.ErrorAsync("create", """{"network":"proxy","placeholders":{"K":{"value":"a","hosts":[]} } }""", ErrorCode.InvalidArgument, null);
        await client.ErrorAsync("create", """{"placeholders":{"K":{"value":"a","hosts":["a.example"]} } }""", ErrorCode.InvalidArgument, null);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(node.SessionsDirectory)!, "*", SearchOption.AllDirectories))
        {
            Assert.DoesNotContain(Secret, await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        }

        Assert.All(await node.AuditAsync(), record => Assert.DoesNotContain(Secret, record.GetRawText(), StringComparison.Ordinal));
    }
}
