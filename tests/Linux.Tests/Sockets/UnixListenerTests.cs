using System.Text;

namespace Strata.Linux.Tests.Sockets;

[Collection(nameof(ProcessWideState))]
public sealed class UnixListenerTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(0x1ff, 0x1b6)] // umask 0777, mode 0666
    [InlineData(0x1ff, 0x180)] // umask 0777, mode 0600
    [InlineData(0, 0x180)] // umask 0, mode 0600
    [InlineData(0, 0x1b6)] // umask 0, mode 0666
    [InlineData(0x12, 0x1b0)] // umask 022, mode 0660
    public void The_sockets_mode_is_exact_whatever_the_umask(uint umask, int mode)
    {
        uint before = Umask.Set(umask);
        try
        {
            using var listener = UnixListener.Bind(_temp["a.sock"], mode);
            Assert.Equal(0, FileStatus.TryGetNoFollow(_temp["a.sock"], out FileStatus status));
            Assert.Equal((FileKind.Socket, mode), (status.Kind, status.Mode));
        }
        finally
        {
            _ = Umask.Set(before);
        }
    }

    [Fact]
    public void No_instant_shows_a_wider_mode_while_binding()
    {
        uint before = Umask.Set(0);
        int widest = 0, sightings = 0;
        using var stop = new CancellationTokenSource();
        var watcher = new Thread(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                if (FileStatus.TryGetNoFollow(_temp["a.sock"], out FileStatus status) == 0)
                {
                    widest |= status.Mode;
                    Volatile.Write(ref sightings, sightings + 1);
                }
            }
        });
        watcher.Start();
        try
        {
            for (int bound = 0; bound < 300 || Volatile.Read(ref sightings) < 20; bound++)
            {
                UnixListener.Bind(_temp["a.sock"], 0x180, replaceExisting: true).Dispose();
            }
        }
        finally
        {
            _ = Umask.Set(before);
            stop.Cancel();
            watcher.Join();
        }

        Assert.Equal(0x180, widest);
    }

    [Fact]
    public void A_connection_is_accepted_nonblocking_and_close_on_exec_with_the_peers_credentials()
    {
        using var listener = UnixListener.Bind(_temp["a.sock"], 0x180);
        Assert.Equal(-Errno.EAGAIN, UnixSocket.TryAccept(listener.Handle.Number));
        using var client = UnixSocket.Connect(_temp["a.sock"]);
        using var server = new FileDescriptor(UnixSocket.TryAccept(listener.Handle.Number));

        Assert.Equal(1, Descriptors.TryGetCloseOnExec(server.Number));
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(listener.Handle.Number));
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(client.Number));
        Assert.Equal(-Errno.EAGAIN, UnixSocket.TryReceive(server.Number, new byte[1]));
        Assert.Equal(0, PeerCredentials.TryGet(server.Number, out PeerCredentials peer));
        Assert.Equal(Environment.ProcessId, peer.Pid);
    }

    [Fact]
    public void The_peers_pidfd_names_this_process_where_the_kernel_has_it()
    {
        var (first, second) = UnixSocket.Pair();
        using (first)
        using (second)
        {
            int result = PeerCredentials.TryGetPidFd(first.Number);
            if (result == -Errno.ENOPROTOOPT)
            {
                return;
            }

            using var pidfd = new FileDescriptor(result);
            Assert.Contains($"Pid:\t{Environment.ProcessId}\n", File.ReadAllText($"/proc/self/fdinfo/{pidfd.Number}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_path_of_107_bytes_binds_and_one_of_108_is_refused_by_name()
    {
        string at = _temp[new string('x', 107 - _temp.Path.Length - 1)];
        Assert.Equal(107, Encoding.UTF8.GetByteCount(at));
        using (UnixListener.Bind(at, 0x180))
        {
            using var client = UnixSocket.Connect(at);
        }

        var error = Assert.Throws<ArgumentException>(() => UnixListener.Bind(at + "x", 0x180));
        Assert.Contains("108 bytes", error.Message, StringComparison.Ordinal);
        Assert.Contains("107", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_limit_counts_bytes_and_not_characters()
    {
        string at = _temp[new string('é', 60)];
        Assert.Throws<ArgumentException>(() => UnixSocketAddress.Of(at));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void Empty_paths_and_NULs_are_refused(string path) =>
        Assert.Throws<ArgumentException>(() => UnixSocketAddress.Of(path));

    [Fact]
    public void A_taken_path_is_refused_unless_replacing_is_asked()
    {
        using var old = UnixListener.Bind(_temp["a.sock"], 0x180);
        var error = Assert.Throws<LinuxException>(() => UnixListener.Bind(_temp["a.sock"], 0x180));
        Assert.Equal(Errno.EADDRINUSE, error.Errno);
        using var fresh = UnixListener.Bind(_temp["a.sock"], 0x180, replaceExisting: true);
        using var client = UnixSocket.Connect(_temp["a.sock"]);
        Assert.True(UnixSocket.TryAccept(fresh.Handle.Number) is var accepted && accepted >= 0);
        Assert.Equal(0, Descriptors.TryClose(accepted));
    }

    [Fact]
    public void Replacing_never_removes_what_is_not_a_socket()
    {
        File.WriteAllText(_temp["precious"], "data");
        File.CreateSymbolicLink(_temp["link"], _temp["precious"]);
        Assert.Throws<LinuxException>(() => UnixListener.Bind(_temp["precious"], 0x180, replaceExisting: true));
        Assert.Throws<LinuxException>(() => UnixListener.Bind(_temp["link"], 0x180, replaceExisting: true));
        Assert.Equal("data", File.ReadAllText(_temp["precious"]));
    }

    [Fact]
    public void Unlinking_removes_the_name_and_a_missing_one_is_fine()
    {
        UnixListener.Bind(_temp["a.sock"], 0x180).Dispose();
        Assert.True(File.Exists(_temp["a.sock"]));
        UnixListener.UnlinkSocket(_temp["a.sock"]);
        Assert.False(File.Exists(_temp["a.sock"]));
        UnixListener.UnlinkSocket(_temp["a.sock"]);
    }

    [Fact]
    public void An_inherited_listener_is_adopted_and_made_safe()
    {
        using var bound = UnixListener.Bind(_temp["a.sock"], 0x180);
        int inherited = FileDescriptor.Duplicate(bound.Handle.Number).Release();
        Descriptors.TrySetNonBlocking(inherited, nonBlocking: false);
        using var adopted = UnixListener.Adopt(inherited);
        Assert.Equal(-Errno.EAGAIN, UnixSocket.TryAccept(adopted.Handle.Number));
        Assert.Equal(1, Descriptors.TryGetCloseOnExec(inherited));
    }

    [Fact]
    public void Anything_but_a_listening_Unix_stream_socket_is_not_adopted()
    {
        var (first, second) = UnixSocket.Pair();
        using var wake = new EventFd();
        using var tcp = new System.Net.Sockets.Socket(
            System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        using (first)
        using (second)
        {
            Assert.Contains("not listening", Refusal(first.Number), StringComparison.Ordinal);
            Assert.Contains("not a socket", Refusal(wake.Handle.Number), StringComparison.Ordinal);
            Assert.Contains("not a Unix socket", Refusal((int)tcp.Handle), StringComparison.Ordinal);
            Assert.Contains("not open", Refusal(1_000_000), StringComparison.Ordinal);
        }
    }

    private static string Refusal(int descriptor) => Assert.Throws<ArgumentException>(() => UnixListener.Adopt(descriptor)).Message;
}
