using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using Strata.Policy;
using Strata.StrataCtl.Tests.Fakes;

namespace Strata.StrataCtl.Tests.Commands;

public sealed class AuditTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly Ed25519PrivateKey _key = Ed25519Provider.Create().ImportSeed(SHA256.HashData("audit"u8));

    public void Dispose()
    {
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Records_of_all_logs_are_shown_in_the_order_of_their_times_and_safely()
    {
        Write("fs", Fs(1, "/srv/a"), Denied(3, "/etc/\\u001b[2J"));
        Write("identity", Issued(2));
        await using var node = new FakeNode();
        var run = await Audit(node, "search");
        Assert.Equal(
            """
            2030-01-01T00:00:01.000Z fs         allowed fs.open  /srv/a  subject=agent  cap=00aa  uid=1000
            2030-01-01T00:00:02.000Z identity   allowed cap.issued  identity.issue  00aa
            2030-01-01T00:00:03.000Z fs         denied  auth.denied  path_outside_prefix  fs.open  /etc/\x1b[2J  subject=agent  cap=00aa  uid=1000  req=r3

            """,
            run.Output);
    }

    [Theory]
    [InlineData("--capability 00aa", "1 2 3")]
    [InlineData("--capability 00bb", "")]
    [InlineData("--outcome denied", "3")]
    [InlineData("--method fs.*", "1 3")]
    [InlineData("--method identity.issue", "2")]
    [InlineData("--event cap.*", "2")]
    [InlineData("--subject agent --resource /srv", "1")]
    [InlineData("--req-id r3", "3")]
    [InlineData("--since 2030-01-01T00:00:02Z", "2 3")]
    [InlineData("--until 2030-01-01T00:00:02Z", "1 2")]
    [InlineData("-n 2", "1 2")]
    [InlineData("identity", "2")]
    public async Task A_search_gives_what_matches_and_nothing_else(string options, string expected)
    {
        Write("fs", Fs(1, "/srv/a"), Denied(3, "/etc"));
        Write("identity", Issued(2));
        await using var node = new FakeNode();
        var run = await Audit(node, ["search", "--json", .. options.Split(' ')]);
        var seconds = run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement.GetProperty("time").GetDateTimeOffset().Second);
        Assert.Equal(expected, string.Join(' ', seconds));
    }

    [Fact]
    public async Task Tail_shows_the_newest_and_goes_on_over_a_rotation()
    {
        var lines = Write("fs", [.. Enumerable.Range(1, 6).Select(i => Fs(i, $"/srv/{i}"))]);
        File.WriteAllLines(PathOf("fs"), lines[..4]);
        await using var node = new FakeNode();
        using var over = new CancellationTokenSource();
        var output = new MemoryStream();
        var following = CtlRun.Of(node, new CtlSettings { Cancellation = over.Token, Output = output }, "audit", "tail", "-n", "2", "-f", "--audit-dir", _directory.Path);
        await Patience.UntilAsync(() => Shown(output).Contains("/srv/4", StringComparison.Ordinal));
        Assert.DoesNotContain("/srv/2", Shown(output), StringComparison.Ordinal);
        File.AppendAllText(PathOf("fs"), lines[4] + "\n");
        File.Move(PathOf("fs"), PathOf("fs") + ".1");
        File.WriteAllText(PathOf("fs"), lines[5] + "\n");
        await Patience.UntilAsync(() => Shown(output).Contains("/srv/6", StringComparison.Ordinal));
        await over.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => following);
        Assert.Equal("/srv/3 /srv/4 /srv/5 /srv/6", string.Join(' ', System.Text.RegularExpressions.Regex.Matches(Shown(output), "/srv/.").Select(m => m.Value)));
    }

    [Fact]
    public async Task A_good_log_verifies_and_a_bad_one_is_named_by_its_first_bad_record()
    {
        var lines = Write("fs", sealAtEnd: true, Fs(1, "/srv/a"), Fs(2, "/srv/b"), Fs(3, "/srv/c"));
        await using var node = Identity("fs", lines);
        var good = await Audit(node, "verify");
        Assert.Equal((0, ""), (good.Code, good.Error));
        Assert.Contains("fs   good", good.Output, StringComparison.Ordinal);

        File.WriteAllLines(PathOf("fs"), [lines[0], lines[1].Replace("/srv/b", "/srv/x", StringComparison.Ordinal), .. lines[2..]]);
        var bad = await Audit(node, "verify");
        Assert.Equal(ExitCode.Refused, bad.Code);
        Assert.Contains("fs: record 2 was altered", bad.Output, StringComparison.Ordinal);
        var json = (await Audit(node, "verify", "--json")).Json;
        Assert.Equal(("altered", 2), (json.GetProperty("logs")[0].GetProperty("fault").GetProperty("kind").GetString(), json.GetProperty("logs")[0].GetProperty("fault").GetProperty("record").GetInt32()));
    }

    [Fact]
    public async Task A_log_that_was_cut_or_removed_is_noticed_by_what_identity_remembers()
    {
        var lines = Write("fs", sealAtEnd: true, Fs(1, "/srv/a"), Fs(2, "/srv/b"));
        Write("identity", Issued(2));
        await using var node = Identity("fs", lines);
        File.WriteAllLines(PathOf("fs"), lines[..1]);
        Assert.Contains("fs: the log ends at record 1, but identity sealed record 2", (await Audit(node, "verify")).Output, StringComparison.Ordinal);
        File.Delete(PathOf("fs"));
        var removed = await Audit(node, "verify");
        Assert.Equal(ExitCode.Refused, removed.Code);
        Assert.Contains("fs: the log ends at record 0, but identity sealed record 2", removed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_identity_the_chain_is_checked_and_that_is_said()
    {
        var lines = Write("fs", sealAtEnd: true, Fs(1, "/srv/a"), Fs(2, "/srv/b"));
        await using var node = new FakeNode();
        var run = await Audit(node, "verify");
        Assert.Equal(0, run.Code);
        Assert.Contains("seals are not checked", run.Error, StringComparison.Ordinal);
        Assert.Contains("not checked", run.Output, StringComparison.Ordinal);
        File.WriteAllLines(PathOf("fs"), lines[1..]);
        Assert.Equal(ExitCode.Refused, (await Audit(node, "verify")).Code);
    }

    [Fact]
    public async Task A_copy_verifies_elsewhere_and_without_a_node()
    {
        var lines = Write("fs", sealAtEnd: true, Fs(1, "/srv/a"), Fs(2, "/srv/b"));
        var copy = _directory.Path + "/copy";
        await using (var node = Identity("fs", lines))
        {
            Assert.Equal(0, (await Audit(node, "export", "--to", copy)).Code);
            Assert.Contains("exists already", (await Audit(node, "export", "--to", copy)).Error, StringComparison.Ordinal);
        }

        await using var nowhere = new FakeNode();
        var good = await CtlRun.Of(nowhere, "audit", "verify", "--audit-dir", copy);
        Assert.Equal((0, ""), (good.Code, good.Error));
        File.WriteAllLines(Path.Join(copy, "fs.jsonl"), lines[..1]);
        Assert.Equal(ExitCode.Refused, (await CtlRun.Of(nowhere, "audit", "verify", "--audit-dir", copy)).Code);
        File.WriteAllText(Path.Join(copy, "seals.json"), """{"public_key":"00","node":"n","logs":[]}""");
        Assert.Equal(ExitCode.Usage, (await CtlRun.Of(nowhere, "audit", "verify", "--audit-dir", copy)).Code);
    }

    [Fact]
    public async Task Exported_values_are_quoted_and_are_no_formulas()
    {
        Write("fs", Fs(1, "=cmd|x, \\\"y\\\""));
        await using var node = new FakeNode();
        var run = await Audit(node, "export", "--format", "csv");
        Assert.StartsWith("time,node,service,seq,event,", run.Output, StringComparison.Ordinal);
        Assert.Contains(",\"'=cmd|x, \"\"y\"\"\",", run.Output, StringComparison.Ordinal);
        var lines = await Audit(node, "export");
        Assert.Equal(File.ReadAllText(PathOf("fs")), lines.Output);
    }

    [Theory]
    [InlineData("search nobody", "there is no audit log of \"nobody\"")]
    [InlineData("search --since yesterday", "--since takes a time")]
    [InlineData("search --outcome maybe", "--outcome takes allowed, denied, refused")]
    [InlineData("tail -n 0", "-n takes a number of records")]
    [InlineData("tail -n 100001", "-n takes a number of records")]
    public async Task What_cannot_be_meant_is_refused_with_a_word_what_can(string options, string expected)
    {
        Write("fs", Fs(1, "/srv"));
        await using var node = new FakeNode();
        var run = await Audit(node, options.Split(' '));
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains(expected, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_logs_says_how_to_name_another()
    {
        await using var node = new FakeNode();
        var run = await CtlRun.Of(node, "audit", "tail", "--audit-dir", "/nowhere/at/all");
        Assert.Equal(ExitCode.Usage, run.Code);
        Assert.Contains("--audit-dir DIR", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lines_that_are_no_records_and_one_without_an_end_are_left_out_and_told()
    {
        Write("fs", Fs(1, "/srv/a"));
        File.AppendAllText(PathOf("fs"), "rubbish\n" + new string('x', AuditLine.MaxBytes + 5));
        await using var node = new FakeNode();
        var run = await Audit(node, "search");
        Assert.Single(run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("1 lines are no records", run.Error, StringComparison.Ordinal);
    }

    private static string Shown(MemoryStream output) => Encoding.UTF8.GetString(output.ToArray());

    private static string Time(int second) => $"\"time\":\"2030-01-01T00:00:{second:d2}.000Z\",\"node\":\"n1\"";

    private static string Fs(int second, string path) =>
        $$"""{"event":"fs.open","outcome":"allowed",{{Time(second)}},"method":"fs.open","resource":"{{path}}","subject":"agent","cap_id":"00aa","uid":1000}""";

    private static string Denied(int second, string path) =>
        $$"""{"event":"auth.denied","outcome":"denied",{{Time(second)}},"req_id":"r3","method":"fs.open","resource":"{{path}}","reason":"path_outside_prefix","subject":"agent","cap_id":"00aa","uid":1000}""";

    private static string Issued(int second) =>
        $$"""{"event":"cap.issued","outcome":"allowed",{{Time(second)}},"method":"identity.issue","resource":"00aa"}""";

    private Task<CtlRun> Audit(FakeNode node, params string[] args) => CtlRun.Of(node, ["audit", .. args, "--audit-dir", _directory.Path]);

    private string PathOf(string service) => Path.Join(_directory.Path, service + ".jsonl");

    private string[] Write(string service, params string[] records) => Write(service, sealAtEnd: false, records);

    private string[] Write(string service, bool sealAtEnd, params string[] records)
    {
        var text = new ArrayBufferWriter<byte>();
        var head = AuditHead.Genesis;
        foreach (var record in records)
        {
            head = AuditLine.Write(text, head, Encoding.UTF8.GetBytes(record));
        }

        if (sealAtEnd)
        {
            var seal = Encoding.UTF8.GetBytes($$"""{"event":"audit.sealed","outcome":"allowed",{{Time(59)}}}""");
            AuditLine.WriteSeal(text, head, seal, AuditSeal.Sign(_key, "n1", service, head.Seq + 1, AuditLine.DigestOfSeal(head, seal)));
        }

        File.WriteAllBytes(PathOf(service), text.WrittenSpan);
        return File.ReadAllLines(PathOf(service));
    }

    /// <summary>A node whose identity remembers the record before the seal at the end of a log.</summary>
    private FakeNode Identity(string service, string[] lines)
    {
        var known = AuditLine.TryParse(Encoding.UTF8.GetBytes(lines[^2]))!;
        return new FakeNode("registry", "identity").On("identity.seals", $$"""
            {"public_key":"{{Convert.ToHexStringLower(_key.PublicKey)}}","node":"n1","logs":[{"service":"{{service}}","seq":{{known.Seq}},"hash":"{{known.Hash}}","time":"2030-01-01T00:00:59Z"}]}
            """);
    }
}
