using Strata.Ipc;
using Strata.Linux;

namespace Strata.Hosting.Tests.Server;

public sealed class UnsentBudgetTests
{
    private const string Large = """{"text":"0123456789","repeat":100000}""";
    private const int LargeChars = 1_000_000;

    [Fact]
    public async Task Many_large_answers_that_nobody_reads_yet_all_arrive_and_lock_nobody_out()
    {
        await using var server = new TestServer();
        using var bystander = server.Connect();
        Assert.Equal("before", bystander.Echo("before"));
        var clients = Enumerable.Range(0, 3 * UnsentBudget.MaxUnsentBytes / LargeChars).Select(_ => server.Connect()).ToList();
        clients.ForEach(c => c.Send("test.echo", "large", Large));
        Assert.Equal("meanwhile", bystander.Echo("meanwhile"));
        Assert.All(clients, c => Assert.Equal(LargeChars, c.Read()!.Value.GetProperty("result").GetProperty("text").GetString()!.Length));
        Assert.All(clients, c => Assert.Equal("again", c.Echo("again")));
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task A_drain_answers_requests_that_wait_for_room()
    {
        await using var server = new TestServer(new ServerOptions { DrainTimeout = Patience.Limit });
        var clients = Enumerable.Range(0, 2 * UnsentBudget.MaxUnsentBytes / LargeChars).Select(_ => server.Connect()).ToList();
        Assert.All(clients, c => Assert.Equal("in", c.Echo("in")));
        clients.ForEach(c => c.Send("test.echo", "large", Large));
        var stopping = server.Server.StopAsync();
        Assert.All(clients, c => Assert.Equal(LargeChars, c.Read()!.Value.GetProperty("result").GetProperty("text").GetString()!.Length));
        await stopping.Soon();
        clients.ForEach(c => c.Dispose());
    }

    [Fact]
    public async Task Requests_wait_from_the_limit_on_until_there_is_room_or_patience_ends()
    {
        await using var server = new TestServer();
        using var directory = new TestDirectory();
        using var listener = UnixListener.Bind(directory["other.sock"], 0x180);
        using var loop = new SocketLoop(server.Server, listener.Handle.Number);
        var time = new ManualTime();
        var budget = new UnsentBudget(time);
        var (hoarder, waiting) = (new Connection(loop, 2, -1, new Peer(1, 1, 1)), new Connection(loop, 3, -1, new Peer(1, 1, 1)));

        budget.Count(hoarder, UnsentBudget.MaxUnsentBytes - 1);
        Assert.True(budget.HasRoom);
        budget.Count(hoarder, UnsentBudget.MaxUnsentBytes);
        Assert.False(budget.HasRoom);
        budget.Defer(waiting);
        Assert.False(budget.TryTake(time.GetTimestamp(), out _));

        time.Advance(UnsentBudget.Patience);
        Assert.True(budget.TryTake(time.GetTimestamp(), out var taken));
        Assert.Same(waiting, taken);
        Assert.False(waiting.Deferred);
        Assert.Equal(long.MaxValue, budget.DueAt);

        budget.Count(waiting, UnsentBudget.MaxUnsentBytes);
        Assert.False(budget.HasRoom);
        budget.Count(hoarder, 0);
        budget.Count(waiting, UnsentBudget.MaxUnsentBytes - 1);
        Assert.True(budget.HasRoom);
        budget.Count(waiting, UnsentBudget.MaxUnsentBytes);
        Assert.False(budget.HasRoom);
        Assert.Equal(UnsentBudget.MaxUnsentBytes, budget.Unsent);
    }
}
