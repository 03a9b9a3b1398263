using System.Text;

namespace Strata.Fuzz.Tests;

/// <summary>The driver itself: it finds what was planted, and what it finds can be had again.</summary>
public sealed class DriverTests
{
    private static readonly FuzzSettings Settings = new() { Executions = 2_000_000 };

    [Fact]
    public void A_fault_behind_a_word_and_a_length_is_found_by_working_its_way_in_and_its_input_is_made_short()
    {
        var failure = new FuzzRun(new Planted.LyingLength(), Settings, []).Run().Failure;
        Assert.NotNull(failure);
        Assert.IsType<ArgumentOutOfRangeException>(failure.Cause);
        Assert.Equal(7, failure.Input.Length);
        Assert.StartsWith("KEY", Encoding.Latin1.GetString(failure.Input), StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_taken_to_lie_beneath_a_prefix_by_its_text_alone_is_found_from_the_committed_corpus()
    {
        var failure = new FuzzRun(new Planted.PrefixByText(), Settings).Run().Failure;
        Assert.IsType<BrokenInvariantException>(failure?.Cause);
    }

    [Fact]
    public void A_number_with_a_NUL_behind_it_is_found()
    {
        var failure = new FuzzRun(new Planted.ForgivenNul(), Settings, []).Run().Failure;
        Assert.Matches("^[0-9]\0+rps$", Encoding.Latin1.GetString(failure!.Input));
    }

    [Fact]
    public void The_same_seed_gives_the_same_run_and_another_seed_another()
    {
        FuzzReport Run(ulong seed) => new FuzzRun(new Planted.LyingLength(), Settings with { Seed = seed }, []).Run();

        var first = Run(1);
        Assert.Equal(first.Failure!.Execution, Run(1).Failure!.Execution);
        Assert.Equal(first.Failure.Input, Run(1).Failure!.Input);
        Assert.NotEqual(first.Failure.Execution, Run(2).Failure!.Execution);
    }

    [Fact]
    public void Every_target_has_a_corpus_and_every_corpus_a_target()
    {
        FuzzTarget[] targets =
        [
            new FrameTarget(), new EnvelopeTarget(), new TokenTarget(), new FooterTarget(), new ClaimsTarget(), new ManifestTarget(), new PathTarget(), new AuditTarget(), new AuditRecordTarget(),
            new ProxyRequestTarget(), new SocksTarget(), new SandboxWordTarget(), new TarTarget(), new ImageManifestTarget(), new ShellReportTarget(),
        ];
        Assert.Equal(targets.Select(t => t.Name).Order(StringComparer.Ordinal), Directory.EnumerateDirectories(Settings.Corpus).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal));
        Assert.All(targets, target => Assert.InRange(FuzzCorpus.Of(target, Settings.Corpus).Count, 5, 100));
        Assert.All(targets, target => Assert.All(FuzzCorpus.Of(target, Settings.Corpus), entry => Assert.InRange(entry.Bytes.Length, 0, target.MaxBytes)));
    }

    [Fact]
    public void A_buffer_keeps_within_its_bound_whatever_is_put_into_it()
    {
        var buffer = new InputBuffer(8);
        buffer.Set("0123456789"u8);
        Assert.Equal("01234567", Encoding.ASCII.GetString(buffer.Span));
        buffer.Replace(2, 2, "abcdefgh"u8);
        Assert.Equal("01abcdef", Encoding.ASCII.GetString(buffer.Span));
        buffer.Replace(1, 6, buffer.Span[..2]);
        Assert.Equal("001f", Encoding.ASCII.GetString(buffer.Span));
        buffer.Replace(4, 0, buffer.Span);
        Assert.Equal("001f001f", Encoding.ASCII.GetString(buffer.Span));
        buffer.Cut(3);
        Assert.Equal(3, buffer.Length);
    }
}
