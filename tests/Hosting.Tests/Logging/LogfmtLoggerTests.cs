using System.Text;
using Microsoft.Extensions.Logging;

namespace Strata.Hosting.Tests.Logging;

public sealed class LogfmtLoggerTests
{
    public static TheoryData<string> Attacks =>
    [
        "a\nlevel=critical event=forged",
        "a\r\nlevel=critical",
        "a\u2028level=critical",
        "a\u2029level=critical",
        "a\u0085level=critical",
        "a\u000blevel=critical\u000c",
        "\u001b[2J\u001b[31mred",
        "\u009b31m",
        "\u202eabc\u202c \u2066x\u2069",
        "\u200b\ufeff\u00ad",
        "a=b level=critical",
        "\" level=critical x=\"",
        "\\\" level=critical",
        "\\",
        "",
        " ",
        "\0",
        "\ud800",
        "tab\there",
    ];

    [Theory]
    [MemberData(nameof(Attacks))]
    public void No_value_begins_a_line_or_forges_a_field(string value)
    {
        var line = LineOf(log => log.ConnectionDropped(7, 1000, value));
        var fields = Parse(line);
        Assert.Equal(["time", "level", "service", "event", "pid", "uid", "reason", "msg"], fields.Select(f => f.Name));
        Assert.Equal("warn", fields[1].Value);
        Assert.Equal("connection_dropped", fields[3].Value);
        Assert.Equal(value, fields[6].Value);
        Assert.All(line, c => Assert.False(char.IsControl(c) || char.GetUnicodeCategory(c) is
            System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.LineSeparator or System.Globalization.UnicodeCategory.ParagraphSeparator));
    }

    [Fact]
    public void Exceptions_stay_on_the_line()
    {
        var line = LineOf(log => log.HandlerFault("fs.read", "r1\nx", new InvalidOperationException("one\ntwo level=critical")));
        var fields = Parse(line);
        Assert.Equal("r1\nx", fields.Single(f => f.Name == "reqId").Value);
        Assert.Contains("one\ntwo level=critical", fields.Single(f => f.Name == "exception").Value);
    }

    [Theory]
    [InlineData(LogfmtLogger.MaxValueChars, false)]
    [InlineData(LogfmtLogger.MaxValueChars + 1, true)]
    public void Values_are_cut_beyond_the_limit(int length, bool isCut)
    {
        var fields = Parse(LineOf(log => log.Listening(new string('a', length))));
        var expected = new string('a', LogfmtLogger.MaxValueChars) + (isCut ? "..." : "");
        Assert.Equal(expected, fields.Single(f => f.Name == "socket").Value);
    }

    [Fact]
    public void Plain_values_stand_bare_and_the_time_is_utc()
    {
        var line = LineOf(log => log.Listening("/run/strata/fs.sock"));
        Assert.Equal("time=2030-01-01T12:00:00.000Z level=info service=test event=listening socket=/run/strata/fs.sock msg=\"serving /run/strata/fs.sock\"", line);
    }

    [Fact]
    public void Levels_below_the_minimum_are_not_written()
    {
        using var output = new MemoryStream();
        var log = new LogfmtLogger("test", output, new ManualTime(), LogLevel.Error);
        log.Stopped();
        Assert.Equal(0, output.Length);
        Assert.False(log.IsEnabled(LogLevel.None));
    }

    [Fact]
    public void Output_that_fails_does_not_stop_the_service()
    {
        using var output = new FailingStream();
        new LogfmtLogger("test", output, new ManualTime()).Stopped();
        Assert.True(output.WasTried);
    }

    [Fact]
    public void Lines_of_many_threads_do_not_mix()
    {
        using var output = new MemoryStream();
        var log = new LogfmtLogger("test", output, new ManualTime());
        Parallel.For(0, 500, i => log.Listening($"/socket/{i}"));
        var lines = Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(500, lines.Select(l => Parse(l).Single(f => f.Name == "socket").Value).Distinct().Count());
    }

    private static string LineOf(Action<ILogger> write)
    {
        using var output = new MemoryStream();
        write(new LogfmtLogger("test", output, new ManualTime()));
        var text = Encoding.UTF8.GetString(output.ToArray());
        Assert.EndsWith("\n", text);
        Assert.Equal(1, text.Count(c => c == '\n'));
        return text[..^1];
    }

    /// <summary>Reads a line as a log collector would.</summary>
    private static List<(string Name, string Value)> Parse(string line)
    {
        var fields = new List<(string, string)>();
        for (var i = 0; i < line.Length; i++)
        {
            var equals = line.IndexOf('=', i);
            var name = line[i..equals];
            i = equals + 1;
            var value = new StringBuilder();
            if (i < line.Length && line[i] == '"')
            {
                for (i++; line[i] != '"'; i++)
                {
                    value.Append(line[i] == '\\' ? Unescape(line, ref i) : line[i]);
                }

                i++;
            }
            else
            {
                for (; i < line.Length && line[i] != ' '; i++)
                {
                    value.Append(line[i]);
                }
            }

            Assert.True(i >= line.Length || line[i] == ' ', line);
            fields.Add((name, value.ToString()));
        }

        return fields;
    }

    private static char Unescape(string line, ref int i)
    {
        var escaped = line[++i];
        if (escaped != 'u')
        {
            return escaped == 'n' ? '\n' : escaped;
        }

        i += 4;
        return (char)Convert.ToInt32(line[(i - 3)..(i + 1)], 16);
    }

    private sealed class FailingStream : MemoryStream
    {
        internal bool WasTried { get; private set; }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            WasTried = true;
            throw new IOException("the pipe is closed");
        }
    }
}
