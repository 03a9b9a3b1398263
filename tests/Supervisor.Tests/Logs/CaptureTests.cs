using Strata.Contracts;
using Strata.Supervision;
using static Strata.Supervisor.Tests.TestNode;

namespace Strata.Supervisor.Tests;

public sealed class CaptureTests
{
    private static ServiceManifest Shell(string script, LogPolicy? policy = null) => new()
    {
        Name = "sh",
        Program = "/bin/sh",
        Arguments = ["-c", script],
        Readiness = new ReadinessPolicy { Timeout = TimeSpan.FromSeconds(30) },
        Backoff = new BackoffPolicy { Initial = TimeSpan.FromMinutes(10), Max = TimeSpan.FromMinutes(10) },
        Log = policy ?? LogPolicy.Default,
    };

    [Fact]
    public async Task Both_streams_are_kept_in_memory_in_files_and_on_standard_error()
    {
        await using var node = TestNode.Start(Shell("echo one; echo 'two \"2\"' >&2; printf 'three\\033[2J'; exec sleep 1000"));
        var lines = await LogReader.UntilAsync(node, l => l.Text.StartsWith("two", StringComparison.Ordinal));
        Assert.Equal(("one", "stdout", 1, "sh"), (lines[0].Text, lines[0].Stream, lines[0].Incarnation, lines[0].Service));
        Assert.Equal(("two \"2\"", "stderr"), (lines[^1].Text, lines[^1].Stream));
        await Patience.UntilAsync(() => node.Echoed.Count >= 2);
        Assert.Contains(node.Echoed, l => l.Contains("level=info service=sh event=output stream=stderr incarnation=1 msg=\"two \\\"2\\\"\"\n", StringComparison.Ordinal));

        // A line that was never ended is shown when its writer is gone, and its escape sequence is not a terminal's.
        var pid = (await node.UntilAsync(n => n.State.Services["sh"] is { Pid: not null } service ? service : null)).Pid!.Value;
        await Patience.UntilAsync(() => File.ReadAllText($"/proc/{pid}/comm") == "sleep\n"); // It has said all it says.
        Processes.Send(pid, Linux.Signal.SIGKILL);
        Assert.Equal("three\e[2J", (await LogReader.UntilAsync(node, l => l.Text.StartsWith("three", StringComparison.Ordinal)))[^1].Text);
        Assert.DoesNotContain(node.Echoed, l => l.Contains('\e', StringComparison.Ordinal));
        var file = Path.Combine(LogCapture.DirectoryOf(node.Settings), "sh", LogRotation.FileName);
        await Patience.UntilAsync(() => File.Exists(file) && File.ReadAllLines(file).Length >= 3);
        Assert.All(File.ReadAllLines(file), text => Assert.NotNull(LogJson.Read("sh", System.Text.Encoding.UTF8.GetBytes(text))));
        Assert.Equal((UnixFileMode)0x180, File.GetUnixFileMode(file));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(Path.GetDirectoryName(file)!));
        Assert.Equal((UnixFileMode)0x1C0, File.GetUnixFileMode(LogCapture.DirectoryOf(node.Settings)));
    }

    [Fact]
    public async Task Last_words_of_a_killed_process_are_kept_to_the_last()
    {
        await using var node = TestNode.Start(Shell("i=0; while [ $i -lt 500 ]; do i=$((i+1)); echo line $i; done; kill -9 $$"));
        var lines = await LogReader.UntilAsync(node, l => l.Text == "line 500");
        Assert.Equal(Enumerable.Range(1, 500).Select(n => $"line {n}"), lines.Select(l => l.Text));
        Assert.Equal(lines.Select(l => l.Seq).Order(), lines.Select(l => l.Seq));
    }

    [Fact]
    public async Task A_flood_is_throttled_and_every_lost_line_is_counted()
    {
        await using var node = TestNode.Start(Shell("yes | head -n 5000; echo over >&2; exec sleep 1000", new LogPolicy { Rate = 100 }));
        var lines = await LogReader.UntilAsync(node, l => l.Lost > 0);
        var kept = lines.Count(l => l.Stream == "stdout");
        Assert.InRange(kept, 100 * LineRate.BurstSeconds, 100 * LineRate.BurstSeconds + 100);
        // The word after it may have come before or after the count was told.
        Assert.InRange(lines.Sum(l => l.Lost ?? 0) + lines.Count(l => l.Stream != "note"), 5000, 5001);
        Assert.Contains("more came than 100 a second (log.rate)", lines[^1].Text, StringComparison.Ordinal);
        Assert.Equal("note", lines[^1].Stream);
    }

    [Fact]
    public async Task A_process_left_behind_does_not_keep_a_pipe_open_for_ever()
    {
        await using var node = TestNode.Start(Shell("setsid sh -c 'while :; do echo I am still here; sleep 0.1; done' & echo parent; sleep 0.3"));
        try
        {
            var lines = await LogReader.UntilAsync(node, l => l.Stream == "note" && l.Text.StartsWith("stderr", StringComparison.Ordinal));
            Assert.Contains(lines, l => l.Text == "parent");
            Assert.Contains(lines, l => l.Text.StartsWith("stdout is held open by a process that instance 1 left behind", StringComparison.Ordinal));
        }
        finally
        {
            Processes.KillThose(Processes.With($"STRATA_RUNTIME_DIR={node.Settings.RuntimeDir}"));
        }
    }

    [Fact]
    public async Task What_was_kept_is_there_again_after_a_restart_of_the_supervisor_and_numbers_go_on()
    {
        using var state = new TempDirectory();
        var settings = Hosting.NodeSettings.From(name => name == "STRATA_RUNTIME_DIR" ? state.Path : null);
        Directory.CreateDirectory(settings.StateDir);
        File.SetUnixFileMode(settings.StateDir, (UnixFileMode)0x1C0);
        for (var round = 1; round <= 3; round++)
        {
            using var logs = new LogCapture(settings, _ => { }, TimeProvider.System, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
            logs.KeepOwn(System.Text.Encoding.UTF8.GetBytes($"round {round}\n"));
            var had = new Dictionary<string, long>();
            var kept = new List<LogLine>();
            await Patience.UntilAsync(() =>
            {
                kept.AddRange(logs.Book.Take([], had).Lines);
                return kept.Count == round;
            });
            Assert.Equal(Enumerable.Range(1, round).Select(n => ((long)n, $"round {n}")), kept.Select(l => (l.Sequence, l.Text)));
        }
    }
}
