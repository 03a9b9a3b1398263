using System.Text.Json;
using Strata.Hosting;

namespace Strata.Fs.Tests;

/// <summary>What is recorded of opens, reads and closes.</summary>
public sealed class FsAuditTests
{
    [Fact]
    public async Task An_open_its_first_read_and_its_close_with_totals_are_recorded()
    {
        await using var node = new FsNode();
        node.Write("file", new byte[10_000]);
        var client = await node.ConnectAsync(node.Grant(subject: "alice"));
        await client.TryOpenAsync("missing");
        var handle = await client.OpenAsync("./file");
        await client.ReadAsync(handle);
        await client.ReadAsync(handle, 4096, 1000);
        await client.TryCloseAsync(handle);

        var records = await node.AuditAsync();
        Assert.Equal(
            ["fs.open denied missing not_found", "fs.open allowed ./file ", "fs.read allowed ./file ", "fs.close allowed ./file "],
            records.Select(r => $"{Of(r, "event")} {Of(r, "outcome")} {Of(r, "resource")} {Of(r, "reason")}"));
        Assert.Equal((2, 5096), (records[3].GetProperty("reads").GetInt32(), records[3].GetProperty("bytes").GetInt32()));
        Assert.All(records, r => Assert.Equal("alice", Of(r, "subject")));
        Assert.DoesNotContain(records, r => r.GetRawText().Contains(handle, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_read_is_recorded_when_wanted()
    {
        await using var node = new FsNode(FsOptions.From(name => name == "STRATA_AUDIT_READS" ? "all" : null));
        node.Write("file", new byte[100]);
        var client = await node.ConnectAsync();
        var handle = await client.OpenAsync("file");
        await client.ReadAsync(handle);
        await client.ReadAsync(handle, 50);
        Assert.Equal([100, 50], (await node.AuditAsync()).Where(r => Of(r, "event") == "fs.read").Select(r => r.GetProperty("bytes").GetInt32()));
    }

    [Fact]
    public async Task Handles_left_open_are_recorded_when_the_service_stops()
    {
        await using var node = new FsNode();
        node.Write("file", "x"u8);
        await (await node.ConnectAsync()).OpenAsync("file");
        Assert.Equal("stopping", Of((await node.AuditAsync())[^1], "reason"));
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("", false)]
    [InlineData("first", false)]
    [InlineData("all", true)]
    public void Reads_to_record_are_chosen_by_the_environment(string? value, bool every) =>
        Assert.Equal(every, FsOptions.From(name => name == "STRATA_AUDIT_READS" ? value : null).AuditsEveryRead);

    [Fact]
    public void Another_choice_of_reads_to_record_is_refused_by_name() =>
        Assert.Contains("STRATA_AUDIT_READS", Assert.Throws<SettingsException>(() => FsOptions.From(name => name == "STRATA_AUDIT_READS" ? "some" : null)).Message, StringComparison.Ordinal);

    private static string Of(JsonElement record, string member) => record.TryGetProperty(member, out var value) ? value.GetString()! : "";
}
