using System.Buffers;
using System.Text;

namespace Strata.Policy.Tests.Audit;

/// <summary>What is said of a log that was tampered with: the kind, the record, and in which words.</summary>
public sealed class AuditFaultTests : IDisposable
{
    private readonly SampleLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_line_that_is_no_record_is_told_by_its_place() => AssertFault(
        AuditFaultKind.Altered, 2, "record 2 was altered: its line is not a record of a chained log", [_log.Records(2).Lines[0], "{}"]);

    [Fact]
    public void A_record_with_another_number_is_an_altered_one()
    {
        var lines = _log.Records(4).Lines;
        AssertFault(AuditFaultKind.Altered, 2, "record 2 was altered: it has the number 9", [lines[0], Numbered(lines[1], 9), lines[2], lines[3]]);
        AssertFault(AuditFaultKind.Altered, 2, "record 2 was altered: it has the number 1", [lines[0], Numbered(lines[1], 1), lines[2], lines[3]]);
    }

    [Fact]
    public void A_record_that_is_missing_is_so_whatever_stands_twice_after_it()
    {
        var lines = _log.Records(5).Lines;
        AssertFault(AuditFaultKind.Dropped, 2, "record 2 is missing", [lines[0], lines[2], lines[2], lines[3]]);
        AssertFault(AuditFaultKind.Dropped, 2, "records 2 to 3 are missing", [lines[0], lines[3], lines[4]]);
        AssertFault(AuditFaultKind.Reordered, 2, "record 3 stands where record 2 belongs", [lines[0], lines[2], lines[1], lines[3]]);
        AssertFault(AuditFaultKind.Reordered, 3, "record 2 stands where record 3 belongs", [lines[0], lines[1], lines[1]]);
    }

    [Fact]
    public void A_record_is_blamed_when_what_follows_agrees_with_the_one_that_was_written()
    {
        var lines = _log.Records(3).Seal().Lines;
        var altered = lines[1].Replace("allowed", "denied!", StringComparison.Ordinal);
        AssertFault(AuditFaultKind.Altered, 2, "record 2 was altered: it is not the one that record 3 was written after", [lines[0], altered, lines[2], lines[3]]);
        AssertFault(AuditFaultKind.Altered, 3, "record 3 was altered: it is not the one that record 4 was written after", [lines[0], lines[1], lines[2].Replace("allowed", "denied!", StringComparison.Ordinal), lines[3]]);
    }

    [Fact]
    public void A_record_is_blamed_that_names_another_before_it_and_that_nothing_bears_out()
    {
        var lines = _log.Records(3).Lines;
        const string Said = "record 3 was altered: it does not name the record before it";
        AssertFault(AuditFaultKind.Altered, 3, Said, [lines[0], lines[1], WithPrev(lines[2], 'f')]);
        AssertFault(AuditFaultKind.Altered, 3, Said, [lines[0], lines[1], WithPrev(lines[2], 'f')], checksSeals: false);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Record_1_builds_on_nothing_whether_older_files_were_rotated_away_or_not(bool mayBegin)
    {
        var text = new ArrayBufferWriter<byte>();
        var head = new AuditHead(0, new string('f', AuditHead.HashDigits));
        for (var i = 0; i < 3; i++)
        {
            head = AuditLine.Write(text, head, """{"event":"fs.open"}"""u8);
        }

        var verifier = _log.Verify(text.WrittenSpan, mayBegin: mayBegin);
        Assert.Equal(new AuditFault(AuditFaultKind.Altered, 1, "record 1 was altered: it does not name the record before it"), verifier.Fault);
    }

    [Fact]
    public void A_rotated_log_may_begin_with_any_later_record()
    {
        var lines = _log.Records(3).Lines;
        for (var first = 1; first < 3; first++)
        {
            var verifier = Verify(lines[first..], mayBegin: true);
            Assert.Null(verifier.Fault);
            Assert.Equal((first + 1, 3), (verifier.First, verifier.Head.Seq));
        }
    }

    [Fact]
    public void The_head_stays_at_the_last_good_record()
    {
        var lines = _log.Records(4).Seal(node: "other").Lines;
        Assert.Equal(1, Verify([lines[0], Numbered(lines[1], 9), lines[2]]).Head.Seq);
        Assert.Equal(1, Verify([lines[0], lines[2], lines[3]]).Head.Seq);
        Assert.Equal(4, Verify(lines).Head.Seq);
        Assert.Equal(4, Verify(lines[4..], mayBegin: true).Head.Seq);
        Assert.Equal("record 5 is a seal that the audit key did not make: it, or the node's name, was altered", Verify(lines).Fault?.Message);
    }

    [Fact]
    public void Without_the_audit_key_seals_are_counted_and_not_checked()
    {
        var lines = _log.Records(1).Seal(node: "other").Lines;
        var verifier = Verify(lines, checksSeals: false);
        Assert.Null(verifier.Fault);
        Assert.Equal((1, 0), (verifier.Seals, verifier.Unsealed));
    }

    [Fact]
    public void What_identity_sealed_must_be_there_and_be_the_same()
    {
        var lines = _log.Records(4).Lines;
        var other = new AuditHead(2, new string('f', AuditHead.HashDigits));
        AssertFault(AuditFaultKind.Truncated, 2, "record 2 is not the one that identity sealed: the log was replaced or written anew", lines, remembered: other);
        AssertFault(
            AuditFaultKind.Truncated, 5, "the log ends at record 4, but identity sealed record 6: what came after record 4 was removed", lines, remembered: other with { Seq = 6 });
        AssertFault(AuditFaultKind.Truncated, 3, "the log begins after record 2, the last that identity sealed", lines[2..], remembered: other, mayBegin: true);
    }

    [Fact]
    public void Nothing_is_looked_at_after_the_first_fault()
    {
        var lines = _log.Records(4).Lines;
        var verifier = Verifier();
        Assert.True(Feed(verifier, lines[0]));
        Assert.True(Feed(verifier, lines[2]));
        Assert.False(Feed(verifier, lines[3]));
        Assert.False(Feed(verifier, lines[1]));
        var first = verifier.Fault;
        Assert.Equal(AuditFaultKind.Dropped, first?.Kind);
        Assert.Equal(first, verifier.Finish(tornBytes: 5));
    }

    [Fact]
    public void The_end_may_be_asked_for_again()
    {
        var verifier = Verifier();
        Assert.True(Feed(verifier, _log.Records(1).Lines[0]));
        Assert.Null(verifier.Finish());
        Assert.Null(verifier.Finish());
    }

    [Fact]
    public void A_single_byte_after_the_last_line_is_a_torn_record()
    {
        var verifier = Verifier();
        Feed(verifier, _log.Records(1).Lines[0]);
        Assert.Equal(new AuditFault(AuditFaultKind.Torn, 2, "record 2 is incomplete: 1 bytes without an end of line"), verifier.Finish(tornBytes: 1));
    }

    private static bool Feed(AuditVerifier verifier, string line) => verifier.Feed(Encoding.UTF8.GetBytes(line));

    private static AuditVerifier Verifier(bool checksSeals = true, AuditHead? remembered = null, bool mayBegin = false)
    {
        using var key = TestKeys.Provider.ImportSeed([.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
        return new(TestKeys.Provider, SampleLog.Node, SampleLog.Service, checksSeals ? key.PublicKey.ToArray() : null, remembered, mayBegin);
    }

    private static AuditVerifier Verify(string[] lines, bool checksSeals = true, AuditHead? remembered = null, bool mayBegin = false)
    {
        var verifier = Verifier(checksSeals, remembered, mayBegin);
        Assert.All(lines, line => Feed(verifier, line));
        verifier.Finish();
        return verifier;
    }

    private static void AssertFault(
        AuditFaultKind kind, long seq, string said, string[] lines, bool checksSeals = true, AuditHead? remembered = null, bool mayBegin = false) =>
        Assert.Equal(new AuditFault(kind, seq, said), Verify(lines, checksSeals, remembered, mayBegin).Fault);

    private static string Numbered(string line, int seq) => $"{{\"seq\":{seq}" + line[line.IndexOf(',', StringComparison.Ordinal)..];

    private static string WithPrev(string line, char digit)
    {
        var at = line.IndexOf("\"prev\":\"", StringComparison.Ordinal) + 8;
        return line[..at] + new string(digit, AuditHead.HashDigits) + line[(at + AuditHead.HashDigits)..];
    }
}
