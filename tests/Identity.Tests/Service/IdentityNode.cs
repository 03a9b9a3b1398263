using Microsoft.Extensions.Logging.Abstractions;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Identity.Tests;

/// <summary>An identity service in this process, on a real socket in a private directory.</summary>
internal sealed class IdentityNode : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly ServiceSetup _setup;
    private readonly SocketServer _server;
    private readonly Task[] _background;
    private readonly RpcClient _client;

    private IdentityNode(ServiceEnvironment environment, ServiceSetup setup, SocketServer server, RpcClient client)
    {
        (Environment, _setup, _server, _client) = (environment, setup, server, client);
        _background = [.. setup.Background.Select(work => Task.Run(() => work(_stopping.Token)))];
    }

    internal ServiceEnvironment Environment { get; }

    internal IAuthorizer Authorizer => _setup.Authorizer;

    internal IReadOnlyList<Method> Methods => _setup.Methods;

    internal static async Task<IdentityNode> StartAsync(string stateDir, params (string Name, string Value)[] variables)
    {
        var settings = new NodeSettings { RuntimeDir = stateDir + ".run", StateDir = stateDir, NodeId = "test-0" };
        var time = TimeProvider.System;
        var audit = new AuditLog(settings, "identity", time, NullLogger.Instance);
        var environment = new ServiceEnvironment(
            "identity", settings, NullLogger.Instance, audit, time, name => variables.FirstOrDefault(v => v.Name == name).Value);
        try
        {
            var setup = IdentityService.Build(environment);
            var listener = UnixListener.Bind(settings.SocketOf("identity"), 0x1B6, replaceExisting: true);
            var server = new SocketServer(listener, new MethodTable("identity", setup.Methods), setup.Authorizer, new Silent(), time, new ServerOptions { Loops = 1 });
            server.Start();
            return new IdentityNode(environment, setup, server, await RpcClient.ConnectAsync(settings.SocketOf("identity")));
        }
        catch
        {
            await audit.DisposeAsync();
            throw;
        }
    }

    internal Task<RpcClient> ConnectAsync() => RpcClient.ConnectAsync(Environment.Settings.SocketOf("identity"));

    internal Task<IssueResult> IssueAsync(IssueParams wanted, string? token = null) =>
        _client.CallAsync("identity.issue", wanted, ContractsJson.Default.IssueParams, ContractsJson.Default.IssueResult, token);

    internal Task<IssueResult> AttenuateAsync(string? token, AttenuateParams? wanted = null) =>
        _client.CallAsync("identity.attenuate", wanted ?? new AttenuateParams(), ContractsJson.Default.AttenuateParams, ContractsJson.Default.IssueResult, token);

    internal Task<IssueResult> RenewAsync(string? token, int? ttlSeconds = null) =>
        _client.CallAsync("identity.renew", new RenewParams(ttlSeconds), ContractsJson.Default.RenewParams, ContractsJson.Default.IssueResult, token);

    /// <summary>Spends the use of a capability as a service does.</summary>
    internal Task<UseResult> UseAsync(IssueResult capability, string service = "fs") => UseAsync(new UseParams(capability.CapId, capability.Expires, service, service + ".read"));

    internal Task<UseResult> UseAsync(UseParams what) =>
        _client.CallAsync("identity.use", what, ContractsJson.Default.UseParams, ContractsJson.Default.UseResult);

    internal Task<IssuedList> ListAsync(IssuedListParams? wanted = null, string? token = null) =>
        _client.CallAsync("identity.list", wanted ?? new IssuedListParams(), ContractsJson.Default.IssuedListParams, ContractsJson.Default.IssuedList, token);

    internal Task<IssuedCapability> ShowAsync(string capId) =>
        _client.CallAsync("identity.show", new ShowParams(capId), ContractsJson.Default.ShowParams, ContractsJson.Default.IssuedCapability);

    internal Task<RevokeResult> RevokeAsync(string capId, string? token = null) =>
        _client.CallAsync("identity.revoke", new RevokeParams(capId), ContractsJson.Default.RevokeParams, ContractsJson.Default.RevokeResult, token);

    internal Task<RevokeResult> RevokeAsync(RevokeParams what, string? token = null) =>
        _client.CallAsync("identity.revoke", what, ContractsJson.Default.RevokeParams, ContractsJson.Default.RevokeResult, token);

    internal Task<KeysResult> KeysAsync() =>
        _client.CallAsync("identity.keys", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.KeysResult);

    internal Task<RotateResult> RotateAsync(string? version = null, string? token = null) =>
        _client.CallAsync("identity.rotate", new RotateParams(version), ContractsJson.Default.RotateParams, ContractsJson.Default.RotateResult, token);

    internal Task<IntrospectResult> IntrospectAsync(string token) =>
        _client.CallAsync("identity.introspect", new IntrospectParams(token), ContractsJson.Default.IntrospectParams, ContractsJson.Default.IntrospectResult);

    /// <summary>The error a call must end with.</summary>
    internal static async Task<RpcError> FailureOf(Task call) => (await Assert.ThrowsAsync<RpcException>(() => call)).Error;

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.StopAsync();
        await _stopping.CancelAsync();
        await Task.WhenAll(_background).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync();
        await _setup.OnStopped!();
        await Environment.Audit.DisposeAsync();
        _stopping.Dispose();
    }

    private sealed class Silent : IServerEvents
    {
        public void HandlerFaulted(CallContext call, Exception exception) => Assert.Fail(exception.ToString());

        public void ConnectionDropped(Peer peer, string reason)
        {
        }

        public void DescriptorsExhausted()
        {
        }

        public void Heartbeat()
        {
        }
    }
}
