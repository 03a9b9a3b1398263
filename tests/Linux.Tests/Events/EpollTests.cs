namespace Strata.Linux.Tests.Events;

public sealed class EpollTests
{
    [Fact]
    public void Wait_delivers_all_64_bits_of_the_user_data()
    {
        using var epoll = new Epoll();
        using var wake = new EventFd();
        epoll.Add(wake.Handle.Number, EpollEvents.Readable, 0xfedc_ba98_7654_3210);
        wake.Signal();
        var ready = new EpollReady[4];

        Assert.Equal(1, epoll.Wait(ready, 1000));
        Assert.Equal(new EpollReady(EpollEvents.Readable, 0xfedc_ba98_7654_3210), ready[0]);
    }

    [Fact]
    public void Several_ready_descriptors_come_in_one_wait_with_their_own_data()
    {
        using var epoll = new Epoll();
        EventFd[] wakes = [new(), new(), new()];
        for (int i = 0; i < wakes.Length; i++)
        {
            epoll.Add(wakes[i].Handle.Number, EpollEvents.Readable, (ulong)(i + 1) << 40);
            wakes[i].Signal();
        }

        var ready = new EpollReady[8];
        int count = epoll.Wait(ready, 1000);

        Assert.Equal([1ul << 40, 2ul << 40, 3ul << 40], ready.Take(count).Select(r => r.UserData).Order());
        Array.ForEach(wakes, w => w.Dispose());
    }

    [Fact]
    public void A_short_span_gets_the_rest_with_later_waits()
    {
        using var epoll = new Epoll();
        using EventFd first = new(), second = new();
        epoll.Add(first.Handle.Number, EpollEvents.Readable, 1);
        epoll.Add(second.Handle.Number, EpollEvents.Readable, 2);
        first.Signal();
        second.Signal();
        var ready = new EpollReady[1];
        var seen = new HashSet<ulong>();
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(1, epoll.Wait(ready, 1000));
            seen.Add(ready[0].UserData);
        }

        Assert.Equal([1ul, 2ul], seen.Order());
    }

    [Fact]
    public void Modify_replaces_events_and_data_and_remove_silences()
    {
        using var epoll = new Epoll();
        var (first, second) = UnixSocket.Pair();
        using (first)
        using (second)
        {
            epoll.Add(first.Number, EpollEvents.Readable, 1);
            var ready = new EpollReady[1];
            Assert.Equal(0, epoll.Wait(ready, 0));
            Assert.Equal(0, epoll.TryModify(first.Number, EpollEvents.Writable, 2));
            Assert.Equal(1, epoll.Wait(ready, 0));
            Assert.Equal(new EpollReady(EpollEvents.Writable, 2), ready[0]);
            Assert.Equal(0, epoll.TryRemove(first.Number));
            Assert.Equal(0, epoll.Wait(ready, 0));
        }
    }

    [Fact]
    public void Misuse_is_answered_with_the_kernels_errno()
    {
        using var epoll = new Epoll();
        using var wake = new EventFd();
        Assert.Equal(-Errno.ENOENT, epoll.TryModify(wake.Handle.Number, EpollEvents.Readable, 1));
        epoll.Add(wake.Handle.Number, EpollEvents.Readable, 1);
        Assert.Equal(-Errno.EEXIST, epoll.TryAdd(wake.Handle.Number, EpollEvents.Readable, 1));
        var error = Assert.Throws<LinuxException>(() => epoll.Add(wake.Handle.Number, EpollEvents.Readable, 1));
        Assert.Equal((Errno.EEXIST, "EEXIST", "epoll_ctl(ADD)"), (error.Errno, error.Name, error.Syscall));
        Assert.Contains("EEXIST", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_signal_from_another_thread_ends_an_endless_wait()
    {
        using var epoll = new Epoll();
        using var wake = new EventFd();
        epoll.Add(wake.Handle.Number, EpollEvents.Readable, 9);
        var signaller = new Thread(() => wake.Signal());
        signaller.Start();
        var ready = new EpollReady[1];
        int count;
        do
        {
            count = epoll.Wait(ready, -1);
        }
        while (count == 0);

        signaller.Join();
        Assert.Equal(9ul, ready[0].UserData);
    }

    [Fact]
    public void Drain_takes_every_signal_at_once()
    {
        using var wake = new EventFd();
        wake.Signal();
        wake.Signal();
        Assert.Equal(2ul, wake.Drain());
        Assert.Equal(0ul, wake.Drain());
    }

    [Fact]
    public void A_disposed_wake_reports_false_instead_of_writing_into_a_reused_number()
    {
        var wake = new EventFd();
        wake.Dispose();
        Assert.False(wake.Signal());
    }

    [Fact]
    public void The_hot_path_allocates_nothing()
    {
        using var epoll = new Epoll();
        var (first, second) = UnixSocket.Pair();
        using (first)
        using (second)
        {
            epoll.Add(second.Number, EpollEvents.Readable, 1);
            var ready = new EpollReady[1];
            byte[] buffer = new byte[16];
            Turn(epoll, first.Number, second.Number, ready, buffer);
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                Turn(epoll, first.Number, second.Number, ready, buffer);
            }

            Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        }
    }

    private static void Turn(Epoll epoll, int sender, int receiver, EpollReady[] ready, byte[] buffer)
    {
        _ = UnixSocket.TrySend(sender, buffer);
        _ = epoll.Wait(ready, 1000);
        _ = UnixSocket.TryReceive(receiver, buffer);
        _ = UnixSocket.TryReceive(receiver, buffer);
    }
}
