using System.Text.Json;

namespace Strata.Hosting.Tests.Logging;

public sealed class AuditLogTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly TestLog _log = new();

    private string AuditPath => Path.Combine(_directory.Settings.AuditDir, "fs.jsonl");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Lines_are_json_with_time_node_and_service_whatever_the_values()
    {
        string[] values = ["plain", "a\n{\"event\":\"forged\"}", "\u2028", "\"\\", "\ud800", "\u001b[2J", new string('x', 5000)];
        await using (var audit = Open())
        {
            foreach (var value in values)
            {
                audit.Note(new AuditRecord("fs.read", "allowed") { Subject = value, Resource = value, ReqId = value, Uid = 1000, Pid = 7 });
            }
        }

        var lines = Read(AuditPath);
        Assert.Equal(values.Length, lines.Count);
        Assert.All(lines, line =>
        {
            Assert.Equal("2030-01-01T12:00:00.000Z", line.GetProperty("time").GetString());
            Assert.Equal("local-0", line.GetProperty("node").GetString());
            Assert.Equal("fs", line.GetProperty("service").GetString());
            Assert.Equal("fs.read", line.GetProperty("event").GetString());
            Assert.False(line.TryGetProperty("reason", out _));
        });
        Assert.Equal(values[1], lines[1].GetProperty("resource").GetString());
    }

    [Fact]
    public async Task Only_the_owner_may_read_it()
    {
        await using var audit = Open();
        const UnixFileMode owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.Equal(owner, File.GetUnixFileMode(AuditPath));
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.Settings.AuditDir));
        Assert.Equal(owner | UnixFileMode.UserExecute, File.GetUnixFileMode(_directory.Settings.StateDir));
    }

    [Fact]
    public void Directory_open_to_others_is_refused()
    {
        Directory.CreateDirectory(_directory.Settings.AuditDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherRead);
        var refused = Assert.ThrowsAny<IOException>(Open);
        Assert.Contains("chmod 700", refused.Message);
    }

    [Fact]
    public async Task Link_in_place_of_the_file_is_refused()
    {
        await Open().DisposeAsync();
        File.Delete(AuditPath);
        File.CreateSymbolicLink(AuditPath, _directory["elsewhere"]);
        Assert.ThrowsAny<IOException>(Open);
        Assert.False(File.Exists(_directory["elsewhere"]));
    }

    [Fact]
    public async Task Committed_record_is_in_the_file_when_the_call_returns()
    {
        await using var audit = Open();
        await audit.CommitAsync(new AuditRecord("cap.issued", "allowed") { CapId = "00ff" }).Soon();
        Assert.Equal("00ff", Assert.Single(Read(AuditPath)).GetProperty("cap_id").GetString());
    }

    [Fact]
    public async Task File_is_rotated_at_its_bound_and_the_oldest_is_dropped()
    {
        var settings = _directory.Settings;
        var record = new AuditRecord("fs.read", "allowed") { Resource = new string('x', 300) };
        await using (var audit = new AuditLog(settings, "fs", new ManualTime(), _log, AuditLog.OpenFile(settings, "fs", maxFileBytes: 1000)))
        {
            // Each is on disk before the next, so that no two share a batch.
            for (var i = 0; i < 20; i++)
            {
                await audit.CommitAsync(record with { ReqId = $"r{i:d2}" }).Soon();
            }
        }

        string[] files = [AuditPath, .. Enumerable.Range(1, AuditLog.MaxRotatedFiles).Select(i => $"{AuditPath}.{i}")];
        Assert.Equal(files.Order(), Directory.GetFiles(settings.AuditDir).Order());
        Assert.All(files, f => Assert.InRange(new FileInfo(f).Length, 1, 1000));
        Assert.All(files, f => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(f)));
        var kept = files.Reverse().SelectMany(Read).Select(l => l.GetProperty("req_id").GetString()!).ToList();
        Assert.Equal(Enumerable.Range(20 - kept.Count, kept.Count).Select(i => $"r{i:d2}"), kept);
        Assert.Empty(_log.Messages("audit_lost"));
    }

    [Fact]
    public async Task Line_cut_short_by_a_crash_is_removed_and_the_log_goes_on()
    {
        await using (var audit = Open())
        {
            await audit.CommitAsync(new AuditRecord("fs.read", "allowed") { ReqId = "before" });
        }

        File.AppendAllText(AuditPath, "{\"event\":\"fs.re");
        await using (var audit = Open())
        {
            await audit.CommitAsync(new AuditRecord("fs.read", "allowed") { ReqId = "after" });
        }

        Assert.Equal(["before", "after"], Read(AuditPath).Select(l => l.GetProperty("req_id").GetString()));
    }

    [Fact]
    public async Task Records_beyond_the_queue_are_counted_and_reported_and_nobody_waits()
    {
        using var file = new StubbornFile();
        var audit = new AuditLog(_directory.Settings, "fs", new ManualTime(), _log, file);
        var first = audit.CommitAsync(new AuditRecord("cap.issued", "allowed"));
        await file.Entered.Task.Soon();
        for (var i = 0; i < AuditLog.MaxQueuedRecords; i++)
        {
            audit.Note(new AuditRecord("fs.read", "allowed"));
        }

        Assert.Equal(0, audit.Lost);
        audit.Note(new AuditRecord("fs.read", "allowed"));
        audit.Note(new AuditRecord("fs.read", "allowed"));
        Assert.Equal(2, audit.Lost);
        Assert.False(first.IsCompleted);
        file.Go.Set();
        await first.Soon();
        await audit.DisposeAsync();
        // And one that tells of the two.
        Assert.Equal(AuditLog.MaxQueuedRecords + 2, file.Lines);
        Assert.Contains("2 audit records", Assert.Single(_log.Messages("audit_lost")));
    }

    [Fact]
    public async Task Records_that_come_while_the_log_lingers_are_written_together_and_a_commit_is_not_kept_waiting()
    {
        using var file = new StubbornFile();
        file.Go.Set();
        await using var audit = new AuditLog(_directory.Settings, "fs", new ManualTime(), _log, file) { Linger = Timeout.InfiniteTimeSpan };
        audit.Note(new AuditRecord("fs.read", "allowed"));
        await file.Entered.Task.Soon();
        for (var i = 0; i < 100; i++)
        {
            audit.Note(new AuditRecord("fs.read", "allowed"));
        }

        await audit.CommitAsync(new AuditRecord("cap.issued", "allowed")).Soon();
        Assert.Equal(102, file.Lines);
        Assert.True(file.Appends <= 3, $"{file.Appends} writes");
    }

    [Fact]
    public async Task Closing_does_not_linger_and_keeps_what_was_noted()
    {
        using var file = new StubbornFile();
        file.Go.Set();
        var audit = new AuditLog(_directory.Settings, "fs", new ManualTime(), _log, file) { Linger = Timeout.InfiniteTimeSpan };
        audit.Note(new AuditRecord("fs.read", "allowed"));
        await file.Entered.Task.Soon();
        audit.Note(new AuditRecord("fs.read", "allowed"));
        await audit.DisposeAsync().AsTask().Soon();
        Assert.Equal(2, file.Lines);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Commit_fails_when_the_record_cannot_be_kept_and_works_again_later(bool syncFails)
    {
        using var file = new StubbornFile();
        file.Go.Set();
        await using var audit = new AuditLog(_directory.Settings, "fs", new ManualTime(), _log, file);
        (file.SyncFails, file.AppendFails) = (syncFails, !syncFails);
        var fault = await Assert.ThrowsAsync<IOException>(() => audit.CommitAsync(new AuditRecord("cap.issued", "allowed")).Soon());
        Assert.Contains("disk", fault.Message);
        Assert.Equal(1, audit.Lost);
        Assert.Equal(1, file.Closed);
        (file.SyncFails, file.AppendFails) = (false, false);
        var before = file.Lines;
        await audit.CommitAsync(new AuditRecord("cap.issued", "allowed")).Soon();
        Assert.Equal(1, audit.Lost);
        await Patience.UntilAsync(() => file.Lines == before + 2);
        Assert.Contains("\"event\":\"audit.lost\"", file.LastLine, StringComparison.Ordinal);
        Assert.Contains("\"count\":1", file.LastLine, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Closed_log_fails_commits_and_counts_notes()
    {
        var audit = Open();
        await audit.DisposeAsync();
        await Assert.ThrowsAsync<IOException>(() => audit.CommitAsync(new AuditRecord("cap.issued", "allowed")).Soon());
        audit.Note(new AuditRecord("fs.read", "allowed"));
        Assert.Equal(1, audit.Lost);
    }

    [Fact]
    public async Task Denials_of_one_user_cannot_push_other_records_out()
    {
        var time = new ManualTime();
        await using (var audit = new AuditLog(_directory.Settings, "fs", time, _log))
        {
            var denied = new AuditRecord("auth.denied", "denied") { Uid = 65534 };
            for (var i = 0; i < AuditLog.DenialBurst + 7; i++)
            {
                audit.Note(denied);
            }

            audit.Note(denied with { Uid = 1000 });
            audit.Note(new AuditRecord("cap.issued", "allowed") { Uid = 65534 });
            time.Advance(TimeSpan.FromSeconds(1));
            for (var i = 0; i < AuditLog.DenialsPerSecond + 1; i++)
            {
                audit.Note(denied);
            }

            Assert.Equal(0, audit.Lost);
        }

        var lines = Read(AuditPath);
        Assert.Equal(AuditLog.DenialBurst + 2 + AuditLog.DenialsPerSecond, lines.Count);
        Assert.Equal(1000, lines[AuditLog.DenialBurst].GetProperty("uid").GetInt32());
        Assert.Equal("cap.issued", lines[AuditLog.DenialBurst + 1].GetProperty("event").GetString());
        Assert.Equal(7, lines[AuditLog.DenialBurst + 2].GetProperty("suppressed").GetInt64());
        Assert.Equal(1, lines.Count(l => l.TryGetProperty("suppressed", out _)));
        Assert.Single(_log.Messages("denials_suppressed"));
    }

    [Fact]
    public void Users_beyond_those_counted_apart_share_one_count()
    {
        var throttle = new UserThrottle(1, 1, new ManualTime());
        for (var uid = 0u; uid < UserThrottle.MaxUsers; uid++)
        {
            Assert.True(throttle.TryRecord(uid, out _));
        }

        Assert.True(throttle.TryRecord(1_000_000, out _));
        Assert.False(throttle.TryRecord(1_000_001, out var suppressed));
        Assert.Equal(1, suppressed);
        Assert.False(throttle.TryRecord(0, out _));
    }

    private static List<JsonElement> Read(string path) =>
        [.. File.ReadAllText(path).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonElement.Parse(l))];

    private AuditLog Open() => new(_directory.Settings, "fs", new ManualTime(), _log);
}
