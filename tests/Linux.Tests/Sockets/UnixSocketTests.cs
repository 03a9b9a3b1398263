namespace Strata.Linux.Tests.Sockets;

// What is closed here may be held for a moment still: by a process that another test is about to start.
public sealed class UnixSocketTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Sending_to_a_full_peer_answers_EAGAIN_and_to_a_gone_peer_EPIPE_without_a_signal()
    {
        var (first, second) = UnixSocket.Pair(nonBlocking: false);
        using (first)
        {
            byte[] block = new byte[64 * 1024];
            int result;
            do
            {
                result = UnixSocket.TrySend(first.Number, block);
            }
            while (result > 0);

            Assert.Equal(-Errno.EAGAIN, result);
            second.Dispose();
            await Patience.UntilAsync(() => UnixSocket.TrySend(first.Number, block) == -Errno.EPIPE);
        }
    }

    [Fact]
    public void A_half_closed_peer_still_receives()
    {
        var (first, second) = UnixSocket.Pair();
        using (first)
        using (second)
        {
            Assert.Equal(0, UnixSocket.TryShutdown(first.Number, ShutdownDirection.Send));
            byte[] buffer = new byte[4];
            Assert.Equal(0, UnixSocket.TryReceive(second.Number, buffer));
            Assert.Equal(3, UnixSocket.TrySend(second.Number, "abc"u8));
            Assert.Equal(3, UnixSocket.TryReceive(first.Number, buffer));
        }
    }

    [Fact]
    public async Task Connecting_says_why_it_failed()
    {
        var missing = Assert.Throws<LinuxException>(() => UnixSocket.Connect(_temp["no.sock"]));
        Assert.Equal(Errno.ENOENT, missing.Errno);
        Assert.Contains("no.sock", missing.Message, StringComparison.Ordinal);
        UnixListener.Bind(_temp["dead.sock"], 0x180).Dispose();
        await Patience.UntilAsync(() => Refusal() == Errno.ECONNREFUSED);

        int Refusal()
        {
            try
            {
                UnixSocket.Connect(_temp["dead.sock"]).Dispose();
                return 0;
            }
            catch (LinuxException e)
            {
                return e.Errno;
            }
        }
    }

    [Fact]
    public void A_full_backlog_answers_EAGAIN_to_a_nonblocking_connect()
    {
        using var listener = UnixListener.Bind(_temp["a.sock"], 0x180, backlog: 1);
        var address = UnixSocketAddress.Of(_temp["a.sock"]);
        var sockets = new List<FileDescriptor>();
        int result;
        do
        {
            sockets.Add(new FileDescriptor(UnixSocket.TryCreateStream()));
            result = UnixSocket.TryConnect(sockets[^1].Number, address);
        }
        while (result == 0 && sockets.Count < 100);

        Assert.Equal(-Errno.EAGAIN, result);
        sockets.ForEach(s => s.Dispose());
    }

    [Fact]
    public async Task A_pipe_reads_what_was_written_and_then_the_end()
    {
        using var pipe = Pipe.Create();
        byte[] buffer = new byte[8];
        Assert.Equal(-Errno.EAGAIN, Descriptors.TryRead(pipe.Reader.Number, buffer));
        Assert.Equal(2, Descriptors.TryWrite(pipe.Writer.Number, "hi"u8));
        Assert.Equal(2, Descriptors.TryRead(pipe.Reader.Number, buffer));
        pipe.Writer.Dispose();
        await Patience.UntilAsync(() => Descriptors.TryRead(pipe.Reader.Number, buffer) == 0);
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(pipe.Reader.Number));
    }
}
