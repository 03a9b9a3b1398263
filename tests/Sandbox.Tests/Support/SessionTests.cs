namespace Strata.Sandbox.Tests;

/// <summary>Tests of what can be done with one session of a real engine, over the socket.</summary>
/// <param name="wish">What is asked of <c>sandbox.create</c>.</param>
/// <param name="rights">The client's; null for those of every client.</param>
public abstract class SessionTests(string wish = """{"session":"s"}""", string[]? rights = null) : IAsyncLifetime
{
    private readonly BubblewrapEngine _engine = new();

    internal SandboxNode Node { get; private set; } = null!;

    internal SandboxClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Node = await SandboxNode.StartAsync(_engine, time: TimeProvider.System);
        Client = await (rights is null ? Node.ConnectAsync() : Node.ConnectAsync(Node.Grant(rights: rights)));
        await Client.CreateAsync(wish);
    }

    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        await Node.DisposeAsync();
        _engine.Dispose();
    }
}
