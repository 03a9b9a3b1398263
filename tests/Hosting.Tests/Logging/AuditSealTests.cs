using Strata.Policy;

namespace Strata.Hosting.Tests.Logging;

public sealed class AuditSealTests : IDisposable
{
    private static readonly AuditRecord Record = new("fs.open", "allowed") { Resource = "/srv/data" };

    private readonly TestDirectory _directory = new();
    private readonly TestLog _log = new();
    private readonly TestSealer _sealer = new();
    private readonly ManualTime _time = new();

    private string AuditPath => Path.Combine(_directory.Settings.AuditDir, "fs.jsonl");

    public void Dispose()
    {
        _sealer.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_log_is_sealed_at_its_end_and_goes_on_where_it_ended()
    {
        for (var i = 0; i < 3; i++)
        {
            await using var audit = Open();
            await audit.CommitAsync(Record).Soon();
            await audit.CommitAsync(Record).Soon();
        }

        var verifier = _sealer.Verify(AuditPath);
        Assert.Null(verifier.Fault);
        Assert.Equal((9, 3, 0), (verifier.Head.Seq, verifier.Seals, verifier.Unsealed));
    }

    [Fact]
    public async Task A_log_is_sealed_after_so_many_records_and_not_one_earlier()
    {
        await using var audit = Open();
        for (var i = 1; i < AuditLog.MaxUnsealedRecords; i++)
        {
            audit.Note(Record);
        }

        await audit.CommitAsync(Record).Soon();
        await Patience.UntilAsync(() => Asked() == 1);
        Assert.Equal(AuditLog.MaxUnsealedRecords, _sealer.Asked[0].Seq);
    }

    [Fact]
    public async Task A_log_with_fewer_records_is_sealed_when_the_interval_is_over()
    {
        await using var audit = Open();
        await audit.CommitAsync(Record).Soon();
        await Patience.UntilAsync(() => _time.ArmedTimers > 0);
        _time.Advance(AuditLog.SealInterval - TimeSpan.FromTicks(1));
        Assert.Equal(0, Asked());
        _time.Advance(TimeSpan.FromTicks(1));
        await Patience.UntilAsync(() => Asked() == 1);
        await audit.CommitAsync(Record).Soon();
        Assert.Equal((3, 1, 1), (_sealer.Verify(AuditPath).Head.Seq, _sealer.Verify(AuditPath).Seals, _sealer.Verify(AuditPath).Unsealed));
    }

    [Fact]
    public async Task An_idle_log_is_not_sealed_again()
    {
        await using (var audit = Open())
        {
            await audit.CommitAsync(Record).Soon();
            await audit.SealAsync().Soon();
            Assert.Equal(1, Asked());
            await audit.SealAsync().Soon();
            _time.Advance(AuditLog.SealInterval * 3);
            await audit.SealAsync().Soon();
        }

        Assert.Equal(1, Asked());
    }

    [Fact]
    public async Task A_log_whose_seal_is_not_to_be_had_goes_on_says_so_once_and_is_sealed_later()
    {
        _sealer.Refusal = new AuditSealException("identity is away");
        await using var audit = Open();
        for (var i = 0; i < 3; i++)
        {
            await audit.CommitAsync(Record).Soon();
            await audit.SealAsync().Soon();
        }

        Assert.Contains("identity is away", Assert.Single(_log.Messages("audit_unsealed")), StringComparison.Ordinal);
        _sealer.Refusal = null;
        await audit.SealAsync().Soon();
        var verifier = _sealer.Verify(AuditPath);
        Assert.Null(verifier.Fault);
        Assert.Equal((4, 1), (verifier.Head.Seq, verifier.Seals));
    }

    [Fact]
    public async Task An_identity_that_does_not_answer_does_not_keep_the_service_from_ending()
    {
        _sealer.Hangs = true;
        await using (var audit = Open())
        {
            await audit.CommitAsync(Record).Soon();
        }

        Assert.Equal(1, Asked());
        Assert.Single(File.ReadAllLines(AuditPath));
    }

    [Fact]
    public async Task A_log_that_identity_knows_to_have_been_longer_is_reported_as_tampered_with()
    {
        _sealer.Refusal = new AuditSealException("record 9 was sealed") { IsBehind = true };
        await using var audit = Open();
        await audit.CommitAsync(Record).Soon();
        await audit.SealAsync().Soon();
        Assert.Contains("record 9 was sealed", Assert.Single(_log.Messages("audit_tampered")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_chain_goes_on_in_the_next_file_when_the_log_is_rotated()
    {
        var settings = _directory.Settings;
        await using (var audit = new AuditLog(settings, "fs", _time, _log, AuditLog.OpenFile(settings, "fs", maxFileBytes: 2000)))
        {
            audit.SealBy(_sealer);
            for (var i = 0; i < 20; i++)
            {
                await audit.CommitAsync(Record).Soon();
            }
        }

        // The last seal may begin a file of its own; a new opening must find the end all the same.
        await using (var audit = new AuditLog(settings, "fs", _time, _log, AuditLog.OpenFile(settings, "fs", maxFileBytes: 2000)))
        {
            await audit.CommitAsync(Record).Soon();
        }

        string[] files = [.. Enumerable.Range(1, AuditLog.MaxRotatedFiles).Reverse().Select(i => $"{AuditPath}.{i}").Where(File.Exists), AuditPath];
        Assert.True(files.Length > 2, $"{files.Length} files");
        var verifier = _sealer.Verify(files);
        Assert.Null(verifier.Fault);
        Assert.Equal(22, verifier.Head.Seq);
    }

    [Theory]
    [InlineData("removed")]
    [InlineData("another file")]
    [InlineData("cut off")]
    [InlineData("added")]
    public async Task A_file_that_somebody_else_touches_is_noticed_at_the_next_record_and_the_gap_stays_to_be_seen(string how)
    {
        await using (var audit = Open())
        {
            await audit.CommitAsync(Record).Soon();
            await audit.CommitAsync(Record).Soon();
            Touch(how);
            await audit.CommitAsync(Record).Soon();
        }

        Assert.Contains(how, Assert.Single(_log.Messages("audit_tampered")), StringComparison.Ordinal);
        Assert.Contains(File.ReadAllLines(AuditPath), l => l.Contains("audit.tampered", StringComparison.Ordinal));
        Assert.NotNull(_sealer.Verify(AuditPath).Fault);
    }

    [Fact]
    public async Task A_log_removed_while_the_service_is_stopped_begins_at_one_and_that_is_what_identity_notices()
    {
        await using (var audit = Open())
        {
            await audit.CommitAsync(Record).Soon();
        }

        File.Delete(AuditPath);
        await using (var audit = Open())
        {
            await audit.CommitAsync(Record).Soon();
        }

        Assert.Equal([1, 1], _sealer.Asked.Select(h => h.Seq));
        Assert.Equal(AuditFaultKind.Truncated, VerifyAgainst(new AuditHead(2, AuditHead.Genesis.Hash))!.Kind);
    }

    private AuditFault? VerifyAgainst(AuditHead remembered)
    {
        var verifier = new AuditVerifier(Ed25519Provider.Create(), "local-0", "fs", null, remembered, mayBegin: false);
        foreach (var line in File.ReadAllLines(AuditPath))
        {
            verifier.Feed(System.Text.Encoding.UTF8.GetBytes(line));
        }

        return verifier.Finish();
    }

    private void Touch(string how)
    {
        switch (how)
        {
            case "removed":
                File.Delete(AuditPath);
                break;
            case "another file":
                File.Copy(AuditPath, AuditPath + "x");
                File.AppendAllText(AuditPath + "x", "{}\n");
                File.Move(AuditPath + "x", AuditPath, overwrite: true);
                break;
            case "cut off":
                using (var file = File.OpenWrite(AuditPath))
                {
                    file.SetLength(file.Length / 2);
                }

                break;
            default:
                File.AppendAllText(AuditPath, "{\"event\":\"forged\"}\n");
                break;
        }
    }

    private int Asked()
    {
        lock (_sealer.Asked)
        {
            return _sealer.Asked.Count;
        }
    }

    private AuditLog Open()
    {
        var audit = new AuditLog(_directory.Settings, "fs", _time, _log);
        audit.SealBy(_sealer);
        return audit;
    }
}
