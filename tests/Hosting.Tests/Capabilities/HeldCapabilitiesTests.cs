using System.Collections.Concurrent;
using Strata.Contracts;
using Strata.Hosting.Tests.Server;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting.Tests.Capabilities;

/// <summary>How a service calls another with what it was handed.</summary>
public sealed class HeldCapabilitiesTests : IAsyncDisposable
{
    private readonly TestDirectory _dir = new();
    private readonly TokenKeeper _guard = new();
    private readonly SocketServer _server;
    private readonly HeldCapabilities _held;

    public HeldCapabilitiesTests()
    {
        Method ask = new UnaryMethod<NoParams, StatusResult>(
            "files.ask", "For tests.", Access.Right("files.ask"), ContractsJson.Default.NoParams, ContractsJson.Default.StatusResult, (_, _) => (Reply<StatusResult>)new StatusResult("ok"));
        _server = new SocketServer(UnixListener.Bind(_dir["files.sock"], 0x180), new MethodTable("files", [ask]), _guard, new TestEvents(), TimeProvider.System);
        _server.Start();
        _held = new HeldCapabilities(_dir.Settings, name => name == HeldCapabilities.Variable ? _dir["held.json"] : null, TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _dir.Dispose();
    }

    [Fact]
    public async Task Every_call_carries_the_token_of_the_file_as_it_is_now()
    {
        Write("""{ "files": { "token": "one", "expires": 1, "later": {} }, "other": { "token": "x" } }""");
        Assert.Equal("ok", await AskAsync(_held.For("files")));
        Write("""{ "files": { "token": "two" } }""");
        await AskAsync(_held.For("files"));

        Assert.Equal(["one", "two"], _guard.Seen);
        Assert.Same(_held.For("files"), _held.For("files"));
    }

    [Fact]
    public async Task Calls_that_belong_together_stay_with_one_capability()
    {
        Write("""{ "files": { "token": "one" } }""");
        var steady = _held.For("files").Steady();
        Write("""{ "files": { "token": "two" } }""");
        await AskAsync(steady);
        Assert.Equal(["one"], _guard.Seen);
    }

    [Fact]
    public async Task A_call_that_was_refused_because_the_file_was_just_replaced_is_made_once_more()
    {
        Write("""{ "files": { "token": "one" } }""");
        _guard.OnToken = token =>
        {
            Write("""{ "files": { "token": "two" } }""");
            return token == "one" ? "expired" : null;
        };
        Assert.Equal("ok", await AskAsync(_held.For("files")));
        Assert.Equal(["one", "two"], _guard.Seen);
    }

    [Fact]
    public async Task A_call_that_is_refused_for_good_is_not_made_again()
    {
        Write("""{ "files": { "token": "one" } }""");
        _guard.OnToken = _ => "revoked";
        var refused = await Assert.ThrowsAsync<RpcException>(() => AskAsync(_held.For("files")));
        Assert.Equal("revoked", refused.Error.Reason);
        Assert.Single(_guard.Seen);
    }

    [Theory]
    [InlineData(null, "cannot be read")]
    [InlineData("{ ", "cannot be read")]
    [InlineData("""{ "other": { "token": "x" } }""", "the manifest names none for it; there is other")]
    [InlineData("""{ }""", "there is none")]
    public async Task What_is_missing_is_an_error_that_says_so(string? content, string message)
    {
        if (content is not null)
        {
            Write(content);
        }

        var missing = await Assert.ThrowsAsync<RpcException>(() => AskAsync(_held.For("files")));
        Assert.Equal("no_capability", missing.Error.Reason);
        Assert.Contains(message, missing.Message, StringComparison.Ordinal);
        Assert.Empty(_guard.Seen);
    }

    [Fact]
    public async Task A_service_whose_manifest_has_none_is_told_so()
    {
        var none = new HeldCapabilities(_dir.Settings, _ => null, TimeProvider.System);
        var missing = await Assert.ThrowsAsync<RpcException>(() => AskAsync(none.For("files")));
        Assert.Contains("manifest", missing.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_of_the_largest_size_is_read_and_one_byte_more_is_not()
    {
        const string shell = """{ "files": { "token": "" } }""";
        Write(shell.Replace("\"\"", $"\"{new string('t', HeldCapabilities.MaxFileBytes - shell.Length)}\"", StringComparison.Ordinal));
        _held.TokenFor("files");
        Write(shell.Replace("\"\"", $"\"{new string('t', HeldCapabilities.MaxFileBytes - shell.Length + 1)}\"", StringComparison.Ordinal));
        Assert.Contains("more than", Assert.Throws<RpcException>(() => _held.TokenFor("files")).Message, StringComparison.Ordinal);
    }

    private static async Task<string> AskAsync(CapableClient client) =>
        (await client.CallAsync("files.ask", new NoParams(), ContractsJson.Default.NoParams, ContractsJson.Default.StatusResult).Soon()).Status;

    /// <summary>Replaces the file in one step, with another time than before, as the supervisor does half a lifetime later.</summary>
    private void Write(string content)
    {
        var before = File.GetLastWriteTimeUtc(_dir["held.json"]);
        File.WriteAllText(_dir["held.new"], content);
        if (File.GetLastWriteTimeUtc(_dir["held.new"]) <= before)
        {
            File.SetLastWriteTimeUtc(_dir["held.new"], before.AddSeconds(1));
        }

        File.Move(_dir["held.new"], _dir["held.json"], overwrite: true);
    }

    /// <summary>Lets in whom the test wants in, and remembers every token.</summary>
    private sealed class TokenKeeper : IAuthorizer
    {
        internal ConcurrentQueue<string> Seen { get; } = new();

        internal Func<string, string?> OnToken { get; set; } = _ => null;

        public RpcError? Authenticate(in AuthorizationQuery query, out object? principal)
        {
            principal = null;
            var token = System.Text.Encoding.UTF8.GetString(query.Token);
            Seen.Enqueue(token);
            return OnToken(token) is { } reason ? new RpcError(ErrorCode.Unauthenticated, "refused") { Reason = reason } : null;
        }

        public RpcError? Authorize(object? principal, CallContext call, string? resource) => null;
    }
}
