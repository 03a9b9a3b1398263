using System.Text;

namespace Strata.Linux.Tests.Processes;

/// <summary>Waits on events with a bound that only a failure reaches.</summary>
internal static class Await
{
    private const int BoundMs = 20_000;

    internal static void Readable(FileDescriptor descriptor)
    {
        using var epoll = new Epoll();
        epoll.Add(descriptor.Number, EpollEvents.Readable, 1);
        var ready = new EpollReady[1];
        long end = Environment.TickCount64 + BoundMs;
        while (epoll.Wait(ready, (int)Math.Max(0, end - Environment.TickCount64)) == 0)
        {
            Assert.True(Environment.TickCount64 < end, "nothing happened in time");
        }
    }

    /// <summary>A condition that nothing announces.</summary>
    internal static void Until(Func<bool> condition) => Patience.UntilAsync(condition).GetAwaiter().GetResult();

    internal static ProcessExit Exit(ChildProcess child)
    {
        Readable(child.Handle);
        Assert.Equal(1, child.TryReap(out ProcessExit exit));
        return exit;
    }

    /// <summary>Everything up to the end, which comes when the last writer is gone.</summary>
    internal static string Text(FileDescriptor reader)
    {
        var text = new List<byte>();
        byte[] buffer = new byte[4096];
        while (true)
        {
            Readable(reader);
            int read = Descriptors.TryRead(reader.Number, buffer);
            Assert.True(read >= 0, Errno.Name(read));
            if (read == 0)
            {
                return Encoding.UTF8.GetString(text.ToArray());
            }

            text.AddRange(buffer.AsSpan(0, read));
        }
    }

    /// <summary>One chunk, as a line written in one piece arrives.</summary>
    internal static string Chunk(FileDescriptor reader)
    {
        Readable(reader);
        byte[] buffer = new byte[4096];
        return Encoding.UTF8.GetString(buffer, 0, Math.Max(0, Descriptors.TryRead(reader.Number, buffer)));
    }
}
