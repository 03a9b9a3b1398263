using System.Text;

namespace Strata.Sandbox.Tests;

/// <summary>The parts of running commands that touch nothing: the shell's report, its lines, the ring of output, the list of programs.</summary>
public sealed class PureTests
{
    private const int Rounds = 20_000;

    [Fact]
    public void A_report_is_found_whatever_surrounds_it()
    {
        var random = new Random(1);
        for (var round = 0; round < Rounds; round++)
        {
            var (code, number) = (random.Next(256), random.Next(1, 1000));
            var directory = "/" + Text(random, 20);
            var variables = random.Next(2) == 0 ? "" : "declare -x A=\"" + Text(random, 50) + "\"\n";
            var noise = Bytes(random, 30, number);
            byte[] report = [.. noise, .. Encoding.UTF8.GetBytes($"\0R{number}\0{code}\0{directory}\0{variables}\0")];
            var status = ShellReport.TryRead(report, number);
            Assert.Equal((code, directory, variables), (status!.Code, status.Directory, Encoding.UTF8.GetString(status.Environment!)));
            Assert.Null(ShellReport.TryRead(report.AsSpan(0, report.Length - 1), number));
            Assert.Null(ShellReport.TryRead(report, number + 2));
        }
    }

    [Fact]
    public void A_report_is_the_same_however_it_is_cut_into_pieces()
    {
        var report = Encoding.UTF8.GetBytes("dbg\n\0R7\0130\0/a b\0dbg\ndeclare -x A=\"1\"\n\0");
        for (var cut = 0; cut < report.Length; cut++)
        {
            var reader = new ShellReport();
            reader.Append(report.AsSpan(0, cut));
            Assert.Null(reader.TryTake(7));
            reader.Append(report.AsSpan(cut));
            var status = reader.TryTake(7);
            Assert.Equal((130, "/a b", "declare -x A=\"1\"\n"), (status!.Code, status.Directory, Encoding.UTF8.GetString(status.Environment!)));
            Assert.Null(reader.TryTake(7));
        }
    }

    [Fact]
    public void Status_and_directory_are_there_before_the_variables_and_what_follows_a_report_stays()
    {
        var reader = new ShellReport();
        reader.Append("\0R3\01\0/tmp"u8);
        Assert.Null(reader.Look(3));
        reader.Append("\0declare -x A=\"1"u8);
        Assert.Equal((1, "/tmp"), (reader.Look(3)!.Code, reader.Look(3)!.Directory));
        Assert.Null(reader.TryTake(3));
        reader.Append("\"\n\0\0R4\02\0/\0"u8);
        Assert.Equal("declare -x A=\"1\"\n", Encoding.UTF8.GetString(reader.TryTake(3)!.Environment!));
        Assert.Equal((2, "/"), (reader.Look(4)!.Code, reader.Look(4)!.Directory));
    }

    [Theory]
    [InlineData("\0R3")]
    [InlineData("\0R3\0130")]
    [InlineData("\0R3\0130\0")]
    [InlineData("\0R3\0130\0/tmp\0")]
    [InlineData("\0R3\0130\0/tmp\0declare -x A=\"1")]
    public void A_report_that_was_cut_short_takes_nothing_from_those_after_it(string cut)
    {
        foreach (var again in new[] { "", "\0R3\0130\0/tmp\0declare -x A=\"1\"\n\0" })
        {
            var reader = new ShellReport();
            reader.Append(Encoding.ASCII.GetBytes(cut + again));
            var status = reader.Look(3);
            Assert.Equal(again.Length > 0 || cut.Contains("tmp", StringComparison.Ordinal) ? 130 : null, status?.Code);
            Assert.True(status?.Directory is null or "/tmp");
            _ = reader.TryTake(3);
            reader.Append("\0R4\02\0/\0declare -x B=\"2\"\n\0"u8);
            _ = reader.TryTake(3);
            Assert.Equal(2, reader.Look(4)?.Code);
            Assert.Equal("declare -x B=\"2\"\n", Encoding.UTF8.GetString(reader.TryTake(4)!.Environment!));
        }
    }

    [Fact]
    public void Variables_beyond_the_bound_do_not_hide_the_next_report()
    {
        var reader = new ShellReport();
        reader.Append("\0R3\01\0/tmp\0declare -x A=\""u8);
        for (var i = 0; i < 5; i++)
        {
            reader.Append(Encoding.ASCII.GetBytes(new string('a', ExecLimits.MaxReportBytes / 2)));
        }

        reader.Append("\"\n\0\0R4\02\0/\0"u8);
        Assert.Null(reader.TryTake(3));
        Assert.Equal(2, reader.Look(4)!.Code);
    }

    [Fact]
    public void No_bytes_make_a_reader_of_reports_fail()
    {
        var random = new Random(2);
        for (var round = 0; round < Rounds; round++)
        {
            _ = ShellReport.TryRead(Bytes(random, 60, 7), 7, round % 2 == 0);
        }
    }

    [Fact]
    public void A_ring_gives_what_a_list_of_all_bytes_would()
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            var ring = new OutputRing(random.Next(1, 9000));
            var all = new List<(byte Value, bool IsError)>();
            for (var step = 0; step < 40; step++)
            {
                var bytes = new byte[random.Next(400)];
                random.NextBytes(bytes);
                var isError = random.Next(3) == 0;
                ring.Append(bytes, isError);
                all.AddRange(bytes.Select(b => (b, isError)));
                Assert.Equal(all.Count, ring.End);
                var read = ring.Read(random.Next(all.Count + 10), 1000, out var from, out var error);
                Assert.InRange(from, ring.Start, ring.End);
                Assert.Equal(all.Skip((int)from).Take(read.Length), read.Select(b => (b, error)));
                Assert.True(read.Length > 0 || from == ring.End);
            }
        }
    }

    [Theory]
    [InlineData("it's", "'it'\\''s'")]
    [InlineData("a\nb $c `d` \\", "'a\nb $c `d` \\'")]
    [InlineData("", "''")]
    public void Any_text_becomes_one_word(string text, string word) => Assert.Equal(word, ShellLines.Quote(text));

    [Theory]
    [InlineData("/usr/bin/git", "/usr/bin/git")]
    [InlineData("git", "/usr/bin/git")]
    [InlineData("/bin/git", null)]
    [InlineData("./git", null)]
    [InlineData("/usr/bin/../bin/git", null)]
    [InlineData("GIT", null)]
    [InlineData("sh", null)]
    public void A_program_is_held_to_the_path_that_is_executed(string asked, string? executed)
    {
        var policy = new CommandPolicy(["/usr/bin/git"]);
        var wish = new ProgramWish { Arguments = [asked, "status"] };
        if (executed is null)
        {
            Assert.Equal("command_not_allowed", Assert.Throws<SandboxException>(() => policy.Check(ref wish)).Reason);
            return;
        }

        policy.Check(ref wish);
        Assert.Equal([executed, "status"], wish.Arguments);
    }

    private static string Text(Random random, int most) => string.Concat(Enumerable.Range(0, random.Next(most)).Select(_ => "aé'\n\"$ R0"[random.Next(9)]));

    /// <summary>Bytes that look like a report now and then, but for a whole one.</summary>
    private static byte[] Bytes(Random random, int most, int number) =>
        [.. Enumerable.Range(0, random.Next(most)).SelectMany(_ => random.Next(5) switch
        {
            0 => "\0"u8.ToArray(), 1 => Encoding.ASCII.GetBytes($"R{number + 1}"), 2 => "12"u8.ToArray(), 3 => "/"u8.ToArray(), _ => new[] { (byte)random.Next(1, 256) },
        })];
}
