using Strata.Linux;

namespace Strata.Supervisor.Tests;

/// <summary>Waiting for a connection costs nothing, and one that is not accepted is told once.</summary>
public sealed class ConnectionWatchTests : IDisposable
{
    private readonly TempDirectory _temp = new();
    private readonly Epoll _epoll = new();
    private readonly UnixListener _listener;
    private readonly ConnectionWatch _watch;
    private readonly EpollReady[] _ready = new EpollReady[4];

    public ConnectionWatchTests()
    {
        _listener = UnixListener.Bind(_temp["a.sock"], 0x180);
        _watch = new ConnectionWatch(_epoll, name => name == "a" ? [_listener.Handle.Number] : []);
    }

    public void Dispose()
    {
        _watch.Dispose();
        _epoll.Dispose();
        _listener.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public void A_connection_that_stays_unaccepted_is_told_once_and_wakes_nobody_again()
    {
        _watch.Add("a");
        Assert.Equal(0, _epoll.Wait(_ready, 0));
        using var connection = UnixSocket.Connect(_temp["a.sock"]);

        Assert.Equal(1, _epoll.Wait(_ready, 0));
        Assert.Equal("a", _watch.Take(_ready[0].UserData)!.Name);

        Assert.Equal(0, _epoll.Wait(_ready, 0));
        Assert.Null(_watch.Take(_ready[0].UserData));
        _watch.Add("a");
        Assert.Equal(1, _epoll.Wait(_ready, 0));
    }

    [Fact]
    public void What_is_not_watched_any_more_is_not_told()
    {
        _watch.Add("a");
        _watch.Remove("a");
        using var connection = UnixSocket.Connect(_temp["a.sock"]);

        Assert.Equal(0, _epoll.Wait(_ready, 0));
        _watch.Remove("a");
        _watch.Add("without-a-socket");
        Assert.Equal(0, _epoll.Wait(_ready, 0));
    }
}
