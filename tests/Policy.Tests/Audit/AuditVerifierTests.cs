using System.Text;

namespace Strata.Policy.Tests.Audit;

public sealed class AuditVerifierTests : IDisposable
{
    private readonly SampleLog _log = new();

    public void Dispose() => _log.Dispose();

    [Fact]
    public void A_whole_log_has_no_fault_and_is_counted()
    {
        var verifier = _log.Records(3).Seal().Records(4).Seal().Records(2).Verify(_log.Bytes);
        Assert.Null(verifier.Fault);
        Assert.Equal((1, 11, 2, 2), (verifier.First, verifier.Head.Seq, verifier.Seals, verifier.Unsealed));
        Assert.Equal(_log.Head, verifier.Head);
    }

    [Fact]
    public void An_empty_log_has_no_fault() => Assert.Null(_log.Verify([]).Fault);

    [Fact]
    public void Every_changed_byte_of_a_sealed_log_is_found_and_the_fault_names_its_record_or_the_one_it_runs_into()
    {
        var good = _log.Records(2).Seal().Records(2).Seal().Bytes;
        var record = 1;
        for (var i = 0; i < good.Length; i++)
        {
            for (var bit = 0; bit < 8; bit++)
            {
                var bad = (byte[])good.Clone();
                bad[i] ^= (byte)(1 << bit);
                var fault = _log.Verify(bad).Fault;
                Assert.True(fault is not null, $"bit {bit} of byte {i} was changed and not found");
                Assert.Equal(record, fault.Seq);
            }

            record += good[i] == '\n' ? 1 : 0;
        }
    }

    [Fact]
    public void Each_missing_record_is_named()
    {
        var lines = _log.Records(3).Seal().Records(2).Seal().Lines;
        for (var i = 0; i < lines.Length - 1; i++)
        {
            var fault = _log.FaultOf([.. lines[..i], .. lines[(i + 1)..]])!;
            Assert.Equal((AuditFaultKind.Dropped, i + 1), (fault.Kind, fault.Seq));
            Assert.Equal($"record {i + 1} is missing", fault.Message);
        }

        Assert.Equal("records 2 to 4 are missing", _log.FaultOf(lines[0], lines[4], lines[5])!.Message);
    }

    [Fact]
    public void Exchanged_and_repeated_records_are_named()
    {
        var lines = _log.Records(5).Seal().Lines;
        for (var i = 0; i < lines.Length - 1; i++)
        {
            var swapped = (string[])lines.Clone();
            (swapped[i], swapped[i + 1]) = (swapped[i + 1], swapped[i]);
            Assert.Equal((AuditFaultKind.Reordered, i + 1), Kind(_log.FaultOf(swapped)));
            Assert.Equal((AuditFaultKind.Reordered, i + 2), Kind(_log.FaultOf([.. lines[..(i + 1)], lines[i], .. lines[(i + 1)..]])));
        }
    }

    [Fact]
    public void A_torn_end_is_named()
    {
        var good = _log.Records(2).Seal().Bytes;
        var fault = _log.Verify(good.AsSpan()[..^7]).Fault!;
        Assert.Equal((AuditFaultKind.Torn, 3), Kind(fault));
        Assert.Contains("record 3 is incomplete", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Records_cut_off_after_the_last_that_identity_sealed_are_noticed()
    {
        var remembered = _log.Records(4).Head;
        _log.Seal().Records(1);
        Assert.Null(_log.Verify(_log.Bytes, remembered).Fault);
        var cut = Encoding.UTF8.GetBytes(string.Concat(_log.Lines[..2].Select(l => l + "\n")));
        var fault = _log.Verify(cut, remembered).Fault!;
        Assert.Equal((AuditFaultKind.Truncated, 3), Kind(fault));
        Assert.Contains("ends at record 2, but identity sealed record 4", fault.Message, StringComparison.Ordinal);
        Assert.Equal((AuditFaultKind.Truncated, 1), Kind(_log.Verify([], remembered).Fault));
    }

    [Fact]
    public void A_log_written_anew_is_not_the_one_that_was_sealed()
    {
        var remembered = _log.Records(4).Head;
        using var forged = new SampleLog();
        forged.Records(3);
        var record = """{"event":"fs.open","outcome":"allowed","resource":"/another"}"""u8;
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        AuditLine.Write(text, forged.Head, record);
        var fault = _log.Verify([.. forged.Bytes, .. text.WrittenSpan], remembered).Fault!;
        Assert.Equal((AuditFaultKind.Truncated, 4), Kind(fault));
    }

    [Fact]
    public void Only_a_rotated_log_may_begin_late_and_then_not_after_what_was_sealed()
    {
        var lines = _log.Records(6).Seal().Lines;
        var tail = Encoding.UTF8.GetBytes(string.Concat(lines[3..].Select(l => l + "\n")));
        Assert.Equal((AuditFaultKind.Dropped, 1), Kind(_log.Verify(tail).Fault));
        var verifier = _log.Verify(tail, mayBegin: true);
        Assert.Null(verifier.Fault);
        Assert.Equal((4, 7), (verifier.First, verifier.Head.Seq));
        Assert.Equal(AuditFaultKind.Truncated, _log.Verify(tail, new AuditHead(2, AuditHead.Genesis.Hash), mayBegin: true).Fault!.Kind);
    }

    [Fact]
    public void A_seal_of_another_node_is_refused_and_what_claims_to_be_one_must_be_signed()
    {
        Assert.Equal((AuditFaultKind.BadSeal, 2), Kind(_log.Records(1).Seal(node: "n2").Verify(_log.Bytes).Fault));
        using var other = new SampleLog();
        var text = new System.Buffers.ArrayBufferWriter<byte>();
        AuditLine.Write(text, other.Records(1).Head, """{"event":"audit.sealed","outcome":"allowed"}"""u8);
        Assert.Equal((AuditFaultKind.BadSeal, 2), Kind(other.Verify([.. other.Bytes, .. text.WrittenSpan]).Fault));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("""{"event":"fs.open"}""")]
    [InlineData("""{"seq":0,"prev":"0000000000000000000000000000000000000000000000000000000000000000","event":"a"}""")]
    [InlineData("""{"seq":01,"prev":"0000000000000000000000000000000000000000000000000000000000000000","event":"a"}""")]
    [InlineData("""{"seq":1,"prev":"000000000000000000000000000000000000000000000000000000000000000A","event":"a"}""")]
    [InlineData("""{"seq":1,"prev":"00","event":"a"}""")]
    [InlineData("""{"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000","event":"a"} """)]
    [InlineData("""{"seq":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000",}""")]
    public void What_is_no_record_is_an_altered_one(string line) => Assert.Equal((AuditFaultKind.Altered, 1), Kind(_log.FaultOf(line)));

    [Fact]
    public void A_line_has_a_longest_length()
    {
        var line = _log.Records(1).Lines[0];
        var longest = line[..^2] + new string('x', AuditLine.MaxBytes - line.Length) + line[^2..];
        Assert.NotNull(AuditLine.TryParse(Encoding.UTF8.GetBytes(longest)));
        Assert.Null(AuditLine.TryParse(Encoding.UTF8.GetBytes(longest + " ")));
    }

    [Fact]
    public void Only_an_object_on_one_line_becomes_a_record() =>
        Assert.All(["", "{}", "[1]", "{\"a\":\n1}"], record => Assert.Throws<ArgumentException>(() =>
            AuditLine.Write(new System.Buffers.ArrayBufferWriter<byte>(), AuditHead.Genesis, Encoding.UTF8.GetBytes(record))));

    private static (AuditFaultKind, long) Kind(AuditFault? fault) => (fault!.Kind, fault.Seq);
}
