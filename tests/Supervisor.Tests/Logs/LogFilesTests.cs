using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor.Tests;

public sealed class LogFilesTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ListeningLog _log = new();
    private long _sequence;

    private string Told => string.Join('\n', _log.Told);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Files_are_rotated_by_size_and_bounded_in_number_and_every_line_is_whole()
    {
        var policy = new LogPolicy { MaxBytes = 64 * 1024, Files = 3 };
        await using (var files = new LogFiles(_directory["logs"], TimeProvider.System, _log))
        {
            files.Use("a", policy);
            for (var i = 0; i < 3000; i++)
            {
                files.Add(Line(new string('x', 100)));
                if (i % 1000 == 999)
                {
                    await Patience.UntilAsync(() => Newest() == _sequence);
                }
            }
        }

        var written = Directory.GetFiles(_directory["logs/a"]);
        Assert.Equal(["log.jsonl", "log.jsonl.1", "log.jsonl.2"], written.Select(Path.GetFileName).Order());
        Assert.All(written, file => Assert.InRange(new FileInfo(file).Length, 1, policy.MaxBytes));
        Assert.All(written.SelectMany(File.ReadAllLines), text => Assert.NotNull(LogJson.Read("a", Encoding.UTF8.GetBytes(text))));
        var back = LogArchive.Read(_directory["logs"]);
        Assert.Equal(_sequence, back[^1].Sequence);
        Assert.Equal(Enumerable.Range(0, back.Count).Select(i => _sequence - back.Count + 1 + i), back.Select(l => l.Sequence));
    }

    [Fact]
    public async Task One_file_alone_is_emptied_and_begun_again()
    {
        await using (var files = new LogFiles(_directory["logs"], TimeProvider.System, _log))
        {
            files.Use("a", new LogPolicy { MaxBytes = 64 * 1024, Files = 1 });
            for (var i = 0; i < 1000; i++)
            {
                files.Add(Line(new string('x', 100)));
            }
        }

        var file = Assert.Single(Directory.GetFiles(_directory["logs/a"]));
        Assert.InRange(new FileInfo(file).Length, 1, 64 * 1024);
        Assert.Equal(1000, LogArchive.Read(_directory["logs"])[^1].Sequence);
    }

    [Fact]
    public async Task A_line_that_a_crash_tore_is_left_out_and_swallows_no_other()
    {
        Directory.CreateDirectory(_directory["logs/a"], (UnixFileMode)0x1C0);
        File.SetUnixFileMode(_directory["logs"], (UnixFileMode)0x1C0);
        File.WriteAllText(_directory["logs/a/log.jsonl"], "{\"seq\":1,\"time\":\"2030-01-0");
        await using (var files = new LogFiles(_directory["logs"], TimeProvider.System, _log))
        {
            files.Add(Line("whole"));
        }

        Assert.Equal("whole", Assert.Single(LogArchive.Read(_directory["logs"])).Text);
    }

    [Fact]
    public async Task A_full_disk_is_told_once_loses_what_it_must_and_recovers_by_itself()
    {
        var file = new StubbornLog();
        var time = new ManualTime();
        await using var files = new LogFiles(_ => file, "", time, _log);
        files.Add(Line("first"));
        await Patience.UntilAsync(() => file.Text.Contains("first", StringComparison.Ordinal));
        file.Full = true;
        files.Add(Line("lost 1"));
        await Patience.UntilAsync(() => Told.Contains("log_file_failed", StringComparison.Ordinal));
        file.Full = false;
        files.Add(Line("lost 2"));
        await Patience.UntilAsync(() => files.Waiting == 0);
        time.Advance(LogFiles.RetryAfter);
        files.Add(Line("last"));
        await Patience.UntilAsync(() => Told.Contains("log_file_recovered", StringComparison.Ordinal));
        Assert.Contains("the log of a is written again; 2 lines are not in its file", Told, StringComparison.Ordinal);
        Assert.Equal(1, Told.Split("log_file_failed").Length - 1);
        Assert.DoesNotContain("lost 1", file.Text, StringComparison.Ordinal);
        Assert.Contains("last", file.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_disk_that_hangs_holds_up_nobody_and_what_it_costs_is_counted()
    {
        var file = new StubbornLog();
        await using var files = new LogFiles(_ => file, "", TimeProvider.System, _log);
        file.Hold();
        for (var i = 0; i < (2 * LogFiles.MaxQueuedLines) + 5000; i++)
        {
            files.Add(Line("x"));
        }

        Assert.True(files.Waiting <= LogFiles.MaxQueuedLines + 1024);
        file.LetGo();
        await Patience.UntilAsync(() => Told.Contains("log_files_lag", StringComparison.Ordinal));
    }

    [Fact]
    public async Task On_a_really_full_disk_lines_stay_whole_and_go_on_when_there_is_room()
    {
        Assert.SkipUnless(UserId.Effective == 0, "mounting a tmpfs needs root");
        using var holder = MountTmpfs(out var root);
        Assert.SkipWhen(root is null, "this machine does not allow mount namespaces");
        try
        {
            var ballast = Path.Combine(root, "ballast");
            await using (var files = new LogFiles(Path.Combine(root, "logs"), TimeProvider.System, _log))
            {
                files.Add(Line("first"));
                await Patience.UntilAsync(() => File.Exists(Path.Combine(root, "logs/a/log.jsonl")));
                Fill(ballast);
                while (!Told.Contains("log_file_failed", StringComparison.Ordinal))
                {
                    files.Add(Line(new string('x', 2000)));
                    await Patience.UntilAsync(() => files.Waiting == 0);
                }

                File.Delete(ballast);
                while (!Told.Contains("log_file_recovered", StringComparison.Ordinal))
                {
                    files.Add(Line("again"));
                    await Patience.UntilAsync(() => files.Waiting == 0);
                }
            }

            var texts = File.ReadAllLines(Path.Combine(root, "logs/a/log.jsonl"));
            Assert.All(texts, text => Assert.NotNull(LogJson.Read("a", Encoding.UTF8.GetBytes(text))));
            Assert.Contains("\"first\"", texts[0], StringComparison.Ordinal);
            Assert.Contains("\"again\"", texts[^1], StringComparison.Ordinal);
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public void Any_line_is_read_back_as_it_was_written()
    {
        var random = new Random(11);
        for (var run = 0; run < 2000; run++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            var line = Line(LineText.Of(bytes, cut: random.Next(2) == 0)) with
            {
                Source = (LogSource)random.Next(3), Incarnation = random.Next(9), Cut = random.Next(2) == 0, Lost = random.Next(3),
            };
            var output = new System.Buffers.ArrayBufferWriter<byte>();
            LogJson.Write(output, line);
            Assert.Equal(1, output.WrittenSpan.Count((byte)'\n'));
            Assert.Equal(line, LogJson.Read("a", output.WrittenMemory));
            Assert.Null(LogJson.Read("b", output.WrittenMemory));
            Assert.Null(LogJson.Read("a", output.WrittenMemory[..random.Next(output.WrittenCount - 2)]));
        }
    }

    private LogLine Line(string text) => new()
    {
        Sequence = ++_sequence, Time = new DateTimeOffset(2030, 1, 1, 0, 0, 0, 123, TimeSpan.Zero), Service = "a", Source = LogSource.Stdout, Text = text,
    };

    private long Newest() => LogArchive.Read(_directory["logs"]) is [.., var last] ? last.Sequence : 0;

    private static void Fill(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        try
        {
            for (var offset = 0L; ; offset += 4096)
            {
                RandomAccess.Write(file, new byte[4096], offset);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    private Process MountTmpfs(out string? root)
    {
        var holder = Process.Start(new ProcessStartInfo("unshare")
        {
            ArgumentList = { "--mount", "--propagation", "private", "sh", "-c", "mount -t tmpfs -o size=256k,mode=0700 tmpfs \"$0\" && echo mounted && exec sleep 120", _directory.Path },
            RedirectStandardOutput = true,
        })!;
        root = holder.StandardOutput.ReadLine() == "mounted" ? $"/proc/{holder.Id}/root{_directory.Path}" : null;
        return holder;
    }

    private sealed class ListeningLog : ILogger
    {
        internal ConcurrentQueue<string> Told { get; } = new();

        public bool IsEnabled(LogLevel logLevel) => true;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Told.Enqueue($"{eventId.Name}: {formatter(state, exception)}");
    }

    /// <summary>A file that is full, or hangs, when told to be.</summary>
    private sealed class StubbornLog : ILogFile
    {
        private readonly StringBuilder _text = new();
        private volatile TaskCompletionSource? _held;

        internal volatile bool Full;

        internal string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        internal void Hold() => _held = new TaskCompletionSource();

        internal void LetGo() => _held!.SetResult();

        public void Append(ReadOnlySpan<byte> lines)
        {
            _held?.Task.Wait();
            if (Full)
            {
                throw new IOException("no space left");
            }

            lock (_text)
            {
                _text.Append(Encoding.UTF8.GetString(lines));
            }
        }

        public void Close()
        {
        }
    }
}
