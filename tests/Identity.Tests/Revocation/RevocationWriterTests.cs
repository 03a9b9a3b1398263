using Microsoft.Extensions.Logging.Abstractions;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Identity.Tests;

public sealed class RevocationWriterTests : IDisposable
{
    private readonly ManualTime _time = new();
    private readonly Scratch _scratch = new();
    private readonly IdentityDirectory _directory;
    private readonly RevocationLog _store;
    private readonly RevocationBoard _board;

    public RevocationWriterTests()
    {
        _directory = IdentityDirectory.Open(_scratch["state"]);
        _store = RevocationLog.Open(_directory, true, _time.GetUtcNow(), NullLogger.Instance).Log;
        _board = new RevocationBoard([], [], TimeSpan.FromSeconds(15), _time);
    }

    public void Dispose()
    {
        _store.Dispose();
        _directory.Dispose();
        _scratch.Dispose();
    }

    [Fact]
    public async Task Revocations_that_wait_together_become_one_change()
    {
        var writer = Writer();
        var replies = Enumerable.Range(1, 100).Select(i => writer.RevokeAsync(Entry(i))).ToArray();

        writer.WriteBatch();

        Assert.All(await Task.WhenAll(replies), reply => Assert.Equal(1, reply.Value));
        Assert.Equal(100, _store.Records);
    }

    [Fact]
    public async Task Revoking_again_gives_the_same_change_and_writes_nothing()
    {
        var writer = Writer();
        var (first, twice) = (writer.RevokeAsync(Entry(1)), writer.RevokeAsync(Entry(1)));
        writer.WriteBatch();
        var later = await writer.RevokeAsync(Entry(1));

        Assert.All([await first, await twice, later], reply => Assert.Equal(1, reply.Value));
        Assert.Equal(1, _store.Records);
    }

    [Fact]
    public async Task The_queue_takes_1024_and_refuses_the_next()
    {
        var writer = Writer();
        var waiting = Enumerable.Range(0, RevocationWriter.MaxWaiting).Select(i => writer.RevokeAsync(Entry(i))).ToArray();

        var refused = await writer.RevokeAsync(Entry(5000));
        writer.WriteBatch();
        writer.WriteBatch();

        Assert.Equal("too_many_revocations", refused.Error?.Reason);
        Assert.All(await Task.WhenAll(waiting), reply => Assert.Null(reply.Error));
        Assert.Equal(2, _board.SeqOf(Scratch.Id(RevocationWriter.MaxBatch)));
    }

    [Fact]
    public async Task At_the_bound_of_live_revocations_the_next_is_refused_until_some_expire()
    {
        var writer = Writer(maxLive: 3);
        var replies = Enumerable.Range(1, 4).Select(i => writer.RevokeAsync(Entry(i))).ToArray();
        writer.WriteBatch();

        Assert.Null((await replies[2]).Error);
        Assert.Equal(ErrorCode.ResourceExhausted, (await replies[3]).Error?.Code);
        Assert.Equal("revocations_full", (await replies[3]).Error?.Reason);
        Assert.Equal(RevocationStatus.Active, _board.Revocations.Check(Scratch.Id(4)));

        _time.Advance(TimeSpan.FromHours(1) + ClockSkew.Max + TimeSpan.FromSeconds(1));
        var again = writer.RevokeAsync(Entry(4));
        writer.WriteBatch();
        Assert.Null((await again).Error);
    }

    [Fact]
    public async Task What_is_on_disk_never_falls_behind_what_was_answered()
    {
        var writer = Writer();
        for (var i = 1; i <= 20; i++)
        {
            var reply = writer.RevokeAsync(Entry(i));
            writer.WriteBatch();
            Assert.Null((await reply).Error);
            var content = RevocationRecords.Parse(File.ReadAllBytes(_scratch["state/identity/revocations"]));
            Assert.Equal(i, content.Entries.Count);
        }
    }

    [Fact]
    public async Task A_log_whose_disk_failed_is_replaced_by_what_was_acknowledged()
    {
        var writer = Writer();
        var first = writer.RevokeAsync(Entry(1));
        writer.WriteBatch();
        Assert.Null((await first).Error);

        // The descriptor is gone as after a failed sync, and the directory refuses a new file.
        _store.Dispose();
        Directory.Move(_scratch["state/identity"], _scratch["state/away"]);
        Directory.Delete(_scratch["state/away"], recursive: true);
        var failed = writer.RevokeAsync(Entry(2));
        writer.WriteBatch();

        Assert.Equal(ErrorCode.Unavailable, (await failed).Error?.Code);
        Assert.Null(_board.SeqOf(Scratch.Id(2)));
    }

    [Fact]
    public async Task Spent_records_are_compacted_away()
    {
        var writer = Writer();
        for (var i = 0; i < RevocationLog.SpareRecords + 10; i++)
        {
            _ = writer.RevokeAsync(Entry(i));
            if (i % 500 == 0)
            {
                writer.WriteBatch();
            }
        }

        while (_board.Revocations.Count < RevocationLog.SpareRecords + 10)
        {
            writer.WriteBatch();
        }

        _time.Advance(TimeSpan.FromDays(1));
        var last = writer.RevokeAsync(Entry(1_000_000));
        writer.WriteBatch();

        Assert.Null((await last).Error);
        Assert.Equal(1, _store.Records);
        Assert.Equal([Scratch.Id(1_000_000)], RevocationRecords.Parse(File.ReadAllBytes(_scratch["state/identity/revocations"])).Entries.Select(e => e.CapabilityId));
    }

    [Fact]
    public async Task When_the_service_stops_nobody_is_left_waiting()
    {
        var writer = Writer();
        var waiting = writer.RevokeAsync(Entry(1));
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();

        await writer.RunAsync(stop.Token);

        Assert.Equal("draining", (await waiting).Error?.Reason);
    }

    private RevocationWriter Writer(int maxLive = RevocationSet.DefaultMaxEntries) => new(_store, _board, _time, NullLogger.Instance, maxLive);

    private RevokedCapability Entry(int number) => Scratch.Revoked(number, _time.GetUtcNow().AddHours(1));
}
