using System.Text;

namespace Strata.Supervision.Tests.Manifests;

/// <summary>The table of fields, and what is made from it.</summary>
public sealed class ManifestFieldsTests
{
    private static readonly ServiceManifest Plain = Read("").Manifest;

    [Fact]
    public void The_committed_schema_is_the_one_of_the_table() =>
        Assert.True(
            File.ReadAllText(Checkout.At("api/service.schema.json")) == ManifestSchema.Text(),
            "api/service.schema.json is not what the table of fields says; run: strata-ctl config schema > api/service.schema.json");

    [Fact]
    public void Writing_a_default_changes_nothing()
    {
        foreach (var field in ManifestFields.All.Where(f => f.Default is not null))
        {
            var document = Read(InObject(field.Path, field.Default!));
            Assert.Empty(document.Faults);
            // Lists compare by identity, not by what is in them.
            Assert.Empty(document.Manifest.Arguments.Concat(document.Manifest.Requires).Concat(document.Manifest.Wants).Concat(document.Manifest.After).Concat(document.Manifest.Offers));
            Assert.Empty(document.Manifest.Capabilities);
            Assert.Equal((Plain.Confinement! with { KeepCapabilities = [], Read = [], Write = [], Execute = [] }).ToString(), (document.Manifest.Confinement! with { KeepCapabilities = [], Read = [], Write = [], Execute = [] }).ToString());
            Assert.Empty(document.Manifest.Confinement.KeepCapabilities.Concat(document.Manifest.Confinement.Read).Concat(document.Manifest.Confinement.Write).Concat(document.Manifest.Confinement.Execute));
            // The default time to readiness depends on the kind, so a manifest that says nothing holds none.
            Assert.Equal(Plain.ReadyTimeout, document.Manifest.ReadyTimeout);
            Assert.Equal(Plain, document.Manifest with
            {
                Arguments = Plain.Arguments, Requires = Plain.Requires, Wants = Plain.Wants, After = Plain.After, Capabilities = Plain.Capabilities, Offers = Plain.Offers,
                Confinement = Plain.Confinement,
                // Whoever writes a default of a timer has said that it is one; the validator minds if it is not.
                Timer = field.Path.StartsWith("timer.", StringComparison.Ordinal) ? null : document.Manifest.Timer,
                Readiness = document.Manifest.Readiness with { Timeout = null },
            });
        }
    }

    [Fact]
    public void Every_field_rejects_every_kind_of_value_but_its_own_at_its_place()
    {
        string[] values = ["null", "true", "1", "\"no such thing\"", "[[]]", "{ \"x\": {} }"];
        foreach (var field in ManifestFields.All)
        {
            var refused = values.Select(value => ReadAlone(field.Path, value).Faults.Where(f => f.Field.StartsWith(field.Path, StringComparison.Ordinal) && f.Line == 2)).Count(f => f.Any());
            Assert.True(refused >= values.Length - 1, $"{field.Path} accepts more than one kind of value");
        }
    }

    [Fact]
    public void Both_ends_of_every_range_are_accepted_and_one_step_past_them_is_a_fault()
    {
        (string Path, string[] Good, string[] Bad)[] ranges =
        [
            ("readiness.timeout", ["\"100ms\"", "\"10m\""], ["\"99ms\"", "\"601s\""]),
            ("watchdog.interval", ["\"100ms\"", "\"1h\""], ["\"99ms\"", "\"3601s\""]),
            ("restart.initial", ["\"1ms\"", "\"30s\""], ["\"0s\"", "\"31s\""]),
            ("restart.max", ["\"100ms\"", "\"1h\""], ["\"99ms\"", "\"3601s\""]),
            ("restart.factor", ["1", "10"], ["0.9", "10.1", "1e999"]),
            ("restart.jitter", ["0", "0.5"], ["-0.1", "0.51"]),
            ("restart.reset_after", ["\"1s\"", "\"24h\""], ["\"999ms\"", "\"86401s\""]),
            ("quarantine.crashes", ["1", "100"], ["0", "101"]),
            ("quarantine.window", ["\"1s\"", "\"24h\""], ["\"999ms\"", "\"86401s\""]),
            ("log.max_bytes", ["\"64K\"", "\"1G\""], ["\"65535B\"", "\"1025M\""]),
            ("log.files", ["1", "100"], ["0", "101"]),
            ("socket.mode", ["\"000\"", "\"0777\""], []),
            ("fd_store_max", ["0", "32"], ["-1", "33"]),
            ("socket.backlog", ["1", "4096"], ["0", "4097"]),
            ("log.rate", ["1", "100000"], ["0", "100001"]),
            ("limits.memory", ["\"1M\"", "\"16384G\""], ["\"1023K\"", "\"16385G\""]),
            ("limits.cpu", ["0.01", "1024"], ["0.009", "1024.1"]),
            ("limits.pids", ["1", "4194304"], ["0", "4194305"]),
            ("limits.open_files", ["16", "1048576"], ["15", "1048577"]),
            ("stop.drain", ["\"0s\"", "\"1m\""], ["\"61s\""]),
        ];
        foreach (var (path, good, bad) in ranges)
        {
            Assert.All(good, value => Assert.Empty(ManifestValidator.Validate(Read(InObject(path, value)).Manifest)));
            Assert.All(bad, value => Assert.NotEmpty(ManifestValidator.Validate(Read(InObject(path, value)).Manifest)));
        }
    }

    [Theory]
    [InlineData("0s", 0)]
    [InlineData("1ms", 1)]
    [InlineData("999ms", 999)]
    [InlineData("1500ms", 1500)]
    [InlineData("90s", 90_000)]
    [InlineData("2m", 120_000)]
    [InlineData("24h", 86_400_000)]
    public void Durations_are_read_and_written_alike(string text, int milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out var read));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), read);
        Assert.Equal(text, DurationText.Of(read));
        Assert.Matches(DurationText.Pattern, text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("1")]
    [InlineData("1.5s")]
    [InlineData(" 1s")]
    [InlineData("1S")]
    [InlineData("1000000000s")]
    [InlineData("١s")]
    public void What_is_no_duration_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));

    private static ManifestDocument Read(string member) => ManifestReader.Read(new ManifestFile(
        "a.service.json", Encoding.UTF8.GetBytes($"{{\"name\":\"a\",\"exec\":[\"x\"],\n{member}}}")));

    private static ManifestDocument ReadAlone(string path, string value) => path is "name" or "exec"
        ? ManifestReader.Read(new ManifestFile("a.service.json", Encoding.UTF8.GetBytes($"{{\n{InObject(path, value)}}}")))
        : Read(InObject(path, value));

    private static string InObject(string path, string value) => path.Split('.') is [var outer, var inner]
        ? $"\"{outer}\": {{ \"{inner}\": {value} }}"
        : $"\"{path}\": {value}";
}
