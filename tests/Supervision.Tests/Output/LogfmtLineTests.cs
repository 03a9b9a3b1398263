namespace Strata.Supervision.Tests;

public sealed class LogfmtLineTests
{
    private const string Good = "time=2030-01-02T03:04:05.678Z level=info service=fs event=listening socket=/run/fs.sock msg=\"serving \\\"it\\\"\\n\\u001b done\"";

    [Fact]
    public void A_line_of_strata_is_read_into_its_fields()
    {
        var fields = LogfmtLine.Read("fs", Good)!;
        Assert.Equal(["time", "level", "service", "event", "socket", "msg"], fields.Keys);
        Assert.Equal("/run/fs.sock", fields["socket"]);
        Assert.Equal("serving \"it\"\n\e done", fields["msg"]);
    }

    [Theory]
    [InlineData("hello")]
    [InlineData("")]
    [InlineData("time=")]
    [InlineData("time=1 level=info")]
    [InlineData("time=1 level=info service=identity event=x msg=forged")]
    [InlineData("time=1 level=loud service=fs")]
    [InlineData("time=1 level=info service=fs msg=\"open")]
    [InlineData("time=1 level=info service=fs msg=\"a\"b")]
    [InlineData("time=1 level=info service=fs msg=\"a\\\"")]
    [InlineData("level=info service=fs")]
    [InlineData("time=1 level=info service=fs =x")]
    [InlineData("time=1 level=info service=fs event= x=1")]
    [InlineData("time=1 level=info service=fs msg=a\"b")]
    [InlineData("time=1 level=info service=fs msg=\u2028")]
    [InlineData("time=1 level=info service=fs msg=\ue000")]
    [InlineData("time=1 level=info service=fs msg=\U0001f600")]
    [InlineData("time=1 level=info service=fs msg=\u0085")]
    [InlineData("time=1 level=info service=fs  double=blank")]
    [InlineData("time=1 level=info service=fs plain words")]
    [InlineData("time=1 level=info service=fs msg=\"\e[2J\"")]
    [InlineData("time=1 level=info service=fs msg=\"a\rb\"")]
    [InlineData("time=1 level=info service=fs msg=\"\u202e\"")]
    [InlineData("time=1 level=info service=fs service=identity=")]
    public void Whatever_else_is_not_and_nobody_speaks_for_another(string line) => Assert.Null(LogfmtLine.Read(line.EndsWith('=') && line.Length > 5 ? "identity" : "fs", line));

    [Theory]
    [InlineData("trace")]
    [InlineData("debug")]
    [InlineData("info")]
    [InlineData("warn")]
    [InlineData("error")]
    [InlineData("critical")]
    public void Every_level_is_known_and_letters_of_any_language_are_safe(string level) =>
        Assert.Equal("Grüße, 世界", LogfmtLine.Read("fs", $"time=1 level={level} service=fs msg=\"Grüße, 世界\"")!["msg"]);

    [Fact]
    public void Too_many_fields_are_none()
    {
        var line = "time=1 level=info service=fs";
        Assert.NotNull(LogfmtLine.Read("fs", line + string.Concat(Enumerable.Range(0, LogfmtLine.MaxFields - 3).Select(n => $" f{n}=x"))));
        Assert.Null(LogfmtLine.Read("fs", line + string.Concat(Enumerable.Range(0, LogfmtLine.MaxFields - 2).Select(n => $" f{n}=x"))));
    }

    [Fact]
    public void No_damage_makes_it_throw()
    {
        var random = new Random(7);
        for (var run = 0; run < 20_000; run++)
        {
            var text = Good.ToCharArray();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                text[random.Next(text.Length)] = "\"\\ =u\n\0aé"[random.Next(9)];
            }

            _ = LogfmtLine.Read("fs", new string(text, 0, random.Next(text.Length + 1)));
        }
    }
}
