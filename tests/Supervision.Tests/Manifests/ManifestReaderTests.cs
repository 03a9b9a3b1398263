using System.Text;

namespace Strata.Supervision.Tests.Manifests;

public sealed class ManifestReaderTests
{
    private const string Whole = """
        // A comment.
        {
          "$schema": "../api/service.schema.json",
          "name": "a", /* another */
          "description": "does things",
          "exec": ["/usr/bin/env", "-i", "true"],
          "environment": { "A": "1", "B": "" },
          "requires": ["identity"],
          "wants": ["fs", "absent"],
          "socket": { "name": "other.sock" },
          "readiness": { "method": "notify", "timeout": "2m" },
          "watchdog": { "interval": "250ms" },
          "restart": { "initial": "1s", "factor": 1.5, "max": "1h", "jitter": 0, "reset_after": "24h" },
          "quarantine": { "crashes": 7, "window": "10s" },
          "stop": { "drain": "0s", },
        }
        """;

    [Fact]
    public void Every_field_of_a_file_reaches_the_manifest()
    {
        var document = Read(Whole);

        Assert.Empty(document.Faults);
        var a = document.Manifest;
        Assert.Equal(("a", "does things", "/usr/bin/env", "other.sock"), (a.Name, a.Description, a.Program, a.SocketName));
        Assert.Equal(["-i", "true"], a.Arguments);
        Assert.Equal([("A", "1"), ("B", "")], a.Environment.Select(v => (v.Key, v.Value)).Order());
        Assert.Equal(["identity"], a.Requires);
        Assert.Equal(["fs", "absent"], a.Wants);
        Assert.Equal(TimeSpan.FromMinutes(2), a.Readiness.Timeout);
        Assert.Equal(new WatchdogPolicy { Interval = TimeSpan.FromMilliseconds(250) }, a.Watchdog);
        Assert.Equal(
            new BackoffPolicy { Initial = TimeSpan.FromSeconds(1), Factor = 1.5, Max = TimeSpan.FromHours(1), Jitter = 0, ResetAfter = TimeSpan.FromHours(24) },
            a.Backoff);
        Assert.Equal(new QuarantinePolicy { Crashes = 7, Window = TimeSpan.FromSeconds(10) }, a.Quarantine);
        Assert.Equal(TimeSpan.Zero, a.DrainTimeout);
        Assert.Empty(ManifestValidator.Validate(a));
    }

    [Theory]
    [InlineData("""{"name":"a","exec":["x"],"requries":[]}""", "a.service.json:1:26: requries: is not a field of a manifest; did you mean requires?")]
    [InlineData("""{"name":"a","exec":["x"],"qqqqqqqqqqqqq":1}""", "a.service.json:1:26: qqqqqqqqqqqqq: is not a field of a manifest; strata-ctl")]
    [InlineData("""{"name":"a","exec":["x"],"restart":{"initail":"1s"}}""", "restart.initail: is not a field of a manifest; did you mean initial?")]
    [InlineData("""{"name":"a","exec":["x"],"stop.drain":"1s"}""", "stop.drain: is not a field of a manifest")]
    [InlineData("""{"name":"a","exec":["x"],"kind":"onshot"}""", "kind: must be one of \"service\", \"oneshot\", \"timer\", not \"onshot\"; did you mean oneshot?")]
    [InlineData("""{"name":"a","exec":["x"],"schedule":{"every":"5m"}}""", "schedule: is not a field of a manifest")]
    [InlineData("""{"name":"a","exec":["x"],"exec":["y"]}""", "a.service.json:1:26: exec: is given a second time; keep one of the two")]
    [InlineData("""{"name":"a","exec":["x"],"environment":{"A":"1","A":"2"}}""", "environment.A: is given a second time")]
    [InlineData("""{"name":1,"exec":["x"]}""", "a.service.json:1:9: name: must be a text, not a number")]
    [InlineData("""{"name":null,"exec":["x"]}""", "name: must be a text, not null")]
    [InlineData("""{"name":"b","exec":["x"]}""", "a.service.json:1:9: name: is \"b\", but the file is named a.service.json; make them the same")]
    [InlineData("""{"exec":["x"]}""", "a.service.json:1:1: name: is missing")]
    [InlineData("""{"name":"a"}""", "a.service.json:1:1: exec: is missing")]
    [InlineData("""{"name":"a","exec":[]}""", "exec: must be a list of at least 1 text, not a list")]
    [InlineData("""{"name":"a","exec":"x"}""", "exec: must be a list of at least 1 text, not a text")]
    [InlineData("""{"name":"a","exec":["x",true]}""", "a.service.json:1:25: exec[1]: must be a text, not true")]
    [InlineData("""{"name":"a","exec":["x"],"environment":["A"]}""", "environment: must be an object of texts, not a list")]
    [InlineData("""{"name":"a","exec":["x"],"environment":{"A":1}}""", "environment.A: must be a text, not a number")]
    [InlineData("""{"name":"a","exec":["x"],"stop":"1s"}""", "stop: must be an object of signal, drain, not a text")]
    [InlineData("""{"name":"a","exec":["x"],"stop":{"drain":5}}""", "a time such as \"250ms\", \"5s\", \"2m\" or \"1h\", not a number; put the unit behind it and quotes around: \"5s\"")]
    [InlineData("""{"name":"a","exec":["x"],"stop":{"drain":"5"}}""", "stop.drain: must be a time such as \"250ms\", \"5s\", \"2m\" or \"1h\", not \"5\"")]
    [InlineData("""{"name":"a","exec":["x"],"stop":{"drain":"5 s"}}""", "not \"5 s\"")]
    [InlineData("""{"name":"a","exec":["x"],"stop":{"drain":"-5s"}}""", "not \"-5s\"")]
    [InlineData("""{"name":"a","exec":["x"],"stop":{"drain":"1d"}}""", "not \"1d\"")]
    [InlineData("""{"name":"a","exec":["x"],"quarantine":{"crashes":1.5}}""", "quarantine.crashes: must be a whole number, 1 to 100, not a number; it is 1.5")]
    [InlineData("""{"name":"a","exec":["x"],"restart":{"factor":"2"}}""", "restart.factor: must be a number, 1 to 10, not a text")]
    [InlineData("""{"name":"a","exec":["x"],"readiness":{"method":"notfy"}}""", "readiness.method: must be one of \"notify\", \"fd\", \"none\", \"socket\", not \"notfy\"; did you mean notify?")]
    [InlineData("""["a"]""", "a.service.json:1:1: a manifest is an object, { \"name\": ... }, not a list")]
    [InlineData("", "a.service.json:1:1: is not JSON")]
    [InlineData("{\n  \"name\": \"a\"\n  \"exec\": []\n}", "a.service.json:3:3: is not JSON")]
    [InlineData("{} {}", "a.service.json:1:4: is not JSON")]
    [InlineData("""{"name":"\ud800"}""", "a.service.json:1:9: an escape in this text is half of a character")]
    public void Each_mistake_is_named_with_its_place(string text, string expected) =>
        Assert.Contains(expected, string.Join('\n', Read(text).Faults), StringComparison.Ordinal);

    [Fact]
    public void Columns_count_characters_and_lines_count_from_one()
    {
        var fault = Assert.Single(Read("{ \"name\": \"a\",\r\n  \"exec\": [\"äöü€😀\", 1] }").Faults);

        Assert.Equal((2, 21, "exec[1]"), (fault.Line, fault.Column, fault.Field));
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_are_pointed_at()
    {
        var fault = Assert.Single(ManifestReader.Read(new ManifestFile("a.service.json", new byte[] { (byte)'{', (byte)'\n', (byte)' ', 0xff })).Faults);

        Assert.Equal("a.service.json:2:2: is not UTF-8 here; save the file as UTF-8", fault.ToString());
    }

    [Fact]
    public void All_faults_of_a_file_come_at_once_in_its_order()
    {
        var faults = Read("""
            {
              "exec": [1],
              "wants": {},
              "nme": "a",
              "stop": { "drain": 1, "dran": 2 },
            }
            """).Faults;

        Assert.Equal(["exec[0]", "wants", "nme", "stop.drain", "stop.dran", "name"], faults.Select(f => f.Field));
    }

    [Fact]
    public void A_file_of_the_largest_size_is_read_and_one_byte_more_is_refused()
    {
        var text = """{"name":"a","exec":["x"]}""";
        Assert.Empty(Read(text.PadRight(ManifestLimits.MaxFileBytes)).Faults);
        Assert.Equal("a.service.json: is larger than 65536 bytes; no manifest needs that much", Assert.Single(Read(text.PadRight(ManifestLimits.MaxFileBytes + 1)).Faults).ToString());
    }

    [Fact]
    public void The_deepest_nesting_is_read_and_one_level_more_is_refused()
    {
        Assert.Contains("is not a field", Assert.Single(Read(Nested(ManifestLimits.MaxDepth)).Faults).Message, StringComparison.Ordinal);
        Assert.Contains("more than 8 deep", Assert.Single(Read(Nested(ManifestLimits.MaxDepth + 1)).Faults).Message, StringComparison.Ordinal);
        Assert.Single(Read(new string('[', ManifestLimits.MaxFileBytes)).Faults);
        static string Nested(int depth) => "{\"name\":\"a\",\"exec\":[\"x\"],\"x\":" + new string('[', depth - 1) + new string(']', depth - 1) + "}";
    }

    [Fact]
    public void As_many_faults_as_a_person_reads_are_shown_and_of_more_only_that_there_are()
    {
        Assert.Equal(ManifestLimits.MaxFaultsPerFile, Read(Wrong(ManifestLimits.MaxFaultsPerFile)).Faults.Length);
        var more = Read(Wrong(ManifestLimits.MaxFaultsPerFile + 5)).Faults;
        Assert.Equal(ManifestLimits.MaxFaultsPerFile + 1, more.Length);
        Assert.Equal("a.service.json: has more faults than are shown", more[^1].ToString());
        static string Wrong(int count) => "{\"name\":\"a\",\"exec\":[\"x\"]" + string.Concat(Enumerable.Range(0, count).Select(i => $",\"x{i}\":1")) + "}";
    }

    [Fact]
    public void A_fault_shows_no_control_characters_and_no_endless_text()
    {
        var faults = Read("{\"name\":\"a\",\"exec\":[\"x\"],\"\\u001b[31m\\u202e\":1,\"stop\":{\"drain\":\"" + new string('x', 5000) + "\\n\"}}").Faults;

        Assert.Equal(2, faults.Length);
        Assert.All(faults, f => Assert.DoesNotContain(f.ToString(), c => char.IsControl(c) || c == '\u202e'));
        Assert.All(faults, f => Assert.True(f.ToString().Length < 500));
    }

    [Fact]
    public void Every_prefix_and_every_changed_byte_of_a_file_is_read_or_refused_and_never_an_exception()
    {
        var bytes = Encoding.UTF8.GetBytes(Whole);
        for (var length = 0; length < bytes.Length; length++)
        {
            _ = ManifestReader.Read(new ManifestFile("a.service.json", bytes.AsMemory(0, length)));
            foreach (byte wrong in (byte[])[0, (byte)'"', (byte)'{', (byte)'[', (byte)'\\', 0x80, 0xf0])
            {
                var changed = bytes.ToArray();
                changed[length] = wrong;
                var document = ManifestReader.Read(new ManifestFile("a.service.json", changed));
                Assert.NotNull(ManifestValidator.Validate(document.Manifest).ToString());
            }
        }
    }

    private static ManifestDocument Read(string text) => ManifestReader.Read(new ManifestFile("a.service.json", Encoding.UTF8.GetBytes(text)));
}
