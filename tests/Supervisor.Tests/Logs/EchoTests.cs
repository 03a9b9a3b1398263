using System.Text;
using Strata.Linux;

namespace Strata.Supervisor.Tests;

public sealed class EchoTests
{
    private static byte[] Dropped(long lines) => Encoding.UTF8.GetBytes($"{lines} dropped\n");

    [Fact]
    public async Task A_reader_who_does_not_read_blocks_nobody_and_is_told_what_it_missed()
    {
        using var pipe = Pipe.Create();
        using var echo = new Echo(pipe.Writer.Number, Dropped);
        var line = Encoding.UTF8.GetBytes(new string('x', 1023) + "\n");
        var written = (Echo.MaxQueuedBytes / line.Length) + 400;
        for (var i = 0; i < written; i++)
        {
            echo.Write(line);
        }

        var read = new StringBuilder();
        // It may be told in several parts, whenever there was room between; in the end every line was written or counted.
        await Patience.UntilAsync(() => Drain(pipe, read).ToString().Split('\n').SkipLast(1).Sum(Count) == written);
        Assert.Contains(" dropped\n", read.ToString(), StringComparison.Ordinal);
    }

    private static long Count(string line) =>
        line.EndsWith(" dropped", StringComparison.Ordinal) ? long.Parse(line.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture) : 1;

    [Fact]
    public void At_the_limit_a_line_waits_and_one_past_it_is_dropped()
    {
        using var pipe = Pipe.Create();
        using (var echo = new Echo(pipe.Writer.Number, Dropped))
        {
            // Larger than the pipe, so that it is still being written when the rest comes.
            echo.Write(new byte[Echo.MaxQueuedBytes - 10]);
            echo.Write(new byte[10]);
            Assert.Equal(0, echo.Dropped);
            echo.Write(new byte[1]);
            Assert.Equal(1, echo.Dropped);

            // Ends the write in progress: one that outlived this test would go to whatever has the descriptor's number next.
            pipe.Reader.Dispose();
        }
    }

    [Fact]
    public void What_waits_is_written_before_the_end()
    {
        using var pipe = Pipe.Create();
        using (var echo = new Echo(pipe.Writer.Number, Dropped))
        {
            echo.Write("last words\n"u8.ToArray());
        }

        Assert.Equal("last words\n", Drain(pipe, new StringBuilder()).ToString());
    }

    [Fact]
    public async Task A_descriptor_that_does_not_block_is_waited_for()
    {
        using var pipe = Pipe.Create();
        Assert.Equal(0, Descriptors.TrySetNonBlocking(pipe.Writer.Number, nonBlocking: true));
        using var echo = new Echo(pipe.Writer.Number, Dropped);
        var all = new byte[300_000];
        Array.Fill(all, (byte)'y');
        echo.Write(all);
        var read = new StringBuilder();
        await Patience.UntilAsync(() => Drain(pipe, read).Length == all.Length);
    }

    private static StringBuilder Drain(Pipe pipe, StringBuilder into)
    {
        var buffer = new byte[64 * 1024];
        while (Descriptors.TryRead(pipe.Reader.Number, buffer) is > 0 and var count)
        {
            into.Append(Encoding.UTF8.GetString(buffer, 0, count));
        }

        return into;
    }
}
