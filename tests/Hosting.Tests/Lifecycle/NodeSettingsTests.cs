namespace Strata.Hosting.Tests.Lifecycle;

public sealed class NodeSettingsTests
{
    [Fact]
    public void Defaults_are_those_of_an_installed_node()
    {
        var settings = From();
        Assert.Equal("/run/strata", settings.RuntimeDir);
        Assert.Equal("/var/lib/strata", settings.StateDir);
        Assert.Equal("local-0", settings.NodeId);
        Assert.Equal("identity@local-0", settings.Issuer);
        Assert.Equal("/var/lib/strata/audit", settings.AuditDir);
        Assert.Equal("/run/strata/fs.sock", settings.SocketOf("fs"));
        Assert.Empty(settings.AuthorityUids);
        Assert.Null(settings.SupervisorPid);
    }

    [Fact]
    public void Empty_variables_count_as_unset()
    {
        var settings = From(("STRATA_RUNTIME_DIR", ""), ("STRATA_STATE_DIR", ""), ("STRATA_NODE_ID", ""), ("STRATA_AUTHORITY_UIDS", ""), ("STRATA_SUPERVISOR_PID", ""));
        Assert.Equal("/var/lib/strata", settings.StateDir);
        Assert.Equal("local-0", settings.NodeId);
    }

    [Theory]
    [InlineData("/tmp/node", null, "/tmp/node", "/tmp/node/state")]
    [InlineData("/tmp/node/", null, "/tmp/node", "/tmp/node/state")]
    [InlineData(null, "/srv/state", "/run/strata", "/srv/state")]
    [InlineData("/tmp/node", "/srv/state/", "/tmp/node", "/srv/state")]
    public void State_lies_in_the_runtime_dir_when_only_that_is_given(string? runtime, string? state, string expectedRuntime, string expectedState)
    {
        var settings = From(("STRATA_RUNTIME_DIR", runtime), ("STRATA_STATE_DIR", state));
        Assert.Equal((expectedRuntime, expectedState), (settings.RuntimeDir, settings.StateDir));
    }

    [Fact]
    public void Everything_can_be_set()
    {
        var settings = From(("STRATA_NODE_ID", "edge-7.a_B"), ("STRATA_AUTHORITY_UIDS", "1000, 1001,,4294967294"), ("STRATA_SUPERVISOR_PID", "42"));
        Assert.Equal("identity@edge-7.a_B", settings.Issuer);
        Assert.Equal([1000u, 1001u, 4294967294u], settings.AuthorityUids.Order());
        Assert.Equal(42, settings.SupervisorPid);
    }

    [Theory]
    [InlineData("STRATA_RUNTIME_DIR", "relative/dir", "absolute")]
    [InlineData("STRATA_RUNTIME_DIR", ".", "absolute")]
    [InlineData("STRATA_STATE_DIR", "~/state", "absolute")]
    [InlineData("STRATA_NODE_ID", "with space", "1 to 64")]
    [InlineData("STRATA_NODE_ID", "a@b", "1 to 64")]
    [InlineData("STRATA_NODE_ID", "a\nb", "1 to 64")]
    [InlineData("STRATA_NODE_ID", "ä", "1 to 64")]
    [InlineData("STRATA_NODE_ID", "a/b", "1 to 64")]
    [InlineData("STRATA_AUTHORITY_UIDS", "root", "commas")]
    [InlineData("STRATA_AUTHORITY_UIDS", "-1", "commas")]
    [InlineData("STRATA_AUTHORITY_UIDS", "1000;1001", "commas")]
    [InlineData("STRATA_AUTHORITY_UIDS", "4294967296", "commas")]
    [InlineData("STRATA_SUPERVISOR_PID", "0", "process id")]
    [InlineData("STRATA_SUPERVISOR_PID", "-5", "process id")]
    [InlineData("STRATA_SUPERVISOR_PID", "abc", "process id")]
    [InlineData("STRATA_SUPERVISOR_PID", "2147483648", "process id")]
    public void Unusable_value_is_refused_by_a_message_that_names_the_variable(string name, string value, string advice)
    {
        var refused = Assert.Throws<SettingsException>(() => From((name, value)));
        Assert.Contains(name, refused.Message);
        Assert.Contains(advice, refused.Message);
    }

    [Theory]
    [InlineData(NodeSettings.MaxNodeIdChars, true)]
    [InlineData(NodeSettings.MaxNodeIdChars + 1, false)]
    public void Node_id_has_a_longest_length(int length, bool isAccepted)
    {
        var id = new string('n', length);
        Assert.Equal(isAccepted, Record.Exception(() => From(("STRATA_NODE_ID", id))) is null);
    }

    [Theory]
    [InlineData(null, 7)]
    [InlineData("", 7)]
    [InlineData("1", 1)]
    [InlineData("10", 10)]
    [InlineData("0", null)]
    [InlineData("11", null)]
    [InlineData("1.5", null)]
    [InlineData(" 5", null)]
    [InlineData("+5", null)]
    [InlineData("99999999999", null)]
    public void Whole_numbers_are_bounded(string? text, int? expected)
    {
        if (expected is null)
        {
            Assert.Contains("from 1 to 10", Assert.Throws<SettingsException>(() => { Read(); }).Message);
            return;
        }

        Assert.Equal(expected, Read());
        int Read() => NodeSettings.WholeNumber(_ => text, "STRATA_NUMBER", fallback: 7, min: 1, max: 10);
    }

    private static NodeSettings From(params (string Name, string? Value)[] variables) =>
        NodeSettings.From(name => variables.FirstOrDefault(v => v.Name == name).Value);
}
