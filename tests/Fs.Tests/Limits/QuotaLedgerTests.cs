using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Fs.Tests;

/// <summary>Quotas hold through restarts and crashes, among several processes, and whatever the file has become.</summary>
public sealed class QuotaLedgerTests : IDisposable
{
    private readonly ShiftedTime _time = new();
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("quotas");
    private readonly BlockingGate _gate = new(4);

    private string Folder => Path.Combine(_home.FullName, "state", "fs");

    private string FilePath => Path.Combine(Folder, QuotaLedger.FileName);

    public void Dispose()
    {
        _gate.Dispose();
        _home.Delete(recursive: true);
    }

    [Fact]
    public async Task Sums_are_kept_for_so_many_capabilities_and_the_ended_make_room()
    {
        var allowances = Start(maxTracked: 2);
        var (one, two, three) = (Of(1, 10), Of(2, 10), Of(3, 10));
        Assert.Null(await allowances.TakeAsync(one, 10));
        Assert.Null(await allowances.TakeAsync(two, 1));
        Assert.Equal("quotas_exhausted", (await allowances.TakeAsync(three, 1))!.Reason);
        Assert.Equal("quota_bytes", (await allowances.TakeAsync(one, 1))!.Reason);
        allowances.GiveBack(one, 3);
        Assert.Null(await allowances.TakeAsync(one, 3));
        // A token that was renewed may still be good: its sum is kept as long as its line may live.
        _time.Advance(TimeSpan.FromHours(20));
        Assert.Equal("quotas_exhausted", (await allowances.TakeAsync(three, 1))!.Reason);
        _time.Advance(TimeSpan.FromHours(5));
        Assert.Null(await allowances.TakeAsync(Of(3, 10), 1));
    }

    [Fact]
    public async Task After_a_clean_end_the_sum_is_exact()
    {
        var claims = Of(1, 1_000_000);
        var first = Start();
        Assert.Null(await first.TakeAsync(claims, 300_000));
        first.GiveBack(claims, 100_000);
        first.Close();

        var second = Start();
        Assert.Equal("quota_bytes", (await second.TakeAsync(claims, 800_001))!.Reason);
        Assert.Null(await second.TakeAsync(claims, 800_000));
        Assert.Equal("quota_bytes", (await second.TakeAsync(claims, 1))!.Reason);
    }

    [Fact]
    public async Task Crashes_never_give_more_than_was_allowed_and_cost_at_most_a_chunk_each()
    {
        const long quota = 1_000_000;
        const int crashes = 20;
        var claims = Of(1, quota);
        var random = new Random(7);
        long written = 0;
        for (var i = 0; i < crashes; i++)
        {
            var process = Start();
            for (var writes = random.Next(1, 10); writes > 0; writes--)
            {
                var bytes = random.Next(1, 2000);
                Assert.Null(await process.TakeAsync(claims, bytes));
                written += bytes;
            }
        }

        var last = Start();
        while (await last.TakeAsync(claims, 100) is null)
        {
            written += 100;
        }

        Assert.InRange(written, quota - (crashes * QuotaLedger.ChunkOf(quota)) - 100, quota);
    }

    [Fact]
    public async Task Processes_side_by_side_give_no_more_together()
    {
        var claims = Of(1, 1_000_000);
        var processes = Enumerable.Range(0, 4).Select(_ => Start()).ToArray();
        // Each has its part before any can take what is left.
        foreach (var process in processes)
        {
            Assert.Null(await process.TakeAsync(claims, 777));
        }

        var written = await Task.WhenAll(processes.Select(process => Task.Run(async () =>
        {
            long mine = 777;
            while (await process.TakeAsync(claims, 777) is null)
            {
                mine += 777;
            }

            return mine;
        })));
        Assert.InRange(written.Sum(), 1_000_000 - (4 * QuotaLedger.ChunkOf(1_000_000)) - 1000, 1_000_000);
    }

    [Fact]
    public async Task Small_writes_seldom_wait_for_the_disk()
    {
        var allowances = Start();
        var claims = Of(1, 64_000_000);
        for (var i = 0; i < 9_999; i++)
        {
            Assert.Null(await allowances.TakeAsync(claims, 100));
        }

        Assert.Equal(2, File.ReadAllLines(FilePath).Length);
    }

    [Fact]
    public async Task A_descendant_takes_from_all_quotas_above_it_or_from_none()
    {
        var root = Of(1, 10_000);
        var child = root with
        {
            CapabilityId = Id(2), Constraints = new() { QuotaBytes = 5_000 }, Chain = CapabilityChain.Of(new Ancestor(Id(1), QuotaBytes: 10_000)), Since = root.IssuedAt,
        };
        Start().Close();
        var first = Start();
        Assert.Null(await first.TakeAsync(root, 7_000));
        Assert.Equal("quota_bytes", (await first.TakeAsync(child, 4_000))!.Reason);
        Assert.Null(await first.TakeAsync(child, 3_000));
        first.Close();
        var second = Start();
        Assert.Equal("quota_bytes", (await second.TakeAsync(child, 1))!.Reason);
        Assert.Equal("quota_bytes", (await second.TakeAsync(root, 1))!.Reason);
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0000000000000000000000000000000a 5 99")]
    [InlineData("\0\0\0\0\0")]
    public async Task What_a_crash_left_unfinished_at_the_end_is_cut(string torn)
    {
        Assert.Null(await Start().TakeAsync(Of(1, 10), 10));
        await File.AppendAllTextAsync(FilePath, torn);
        var next = Start();
        Assert.Equal("quota_bytes", (await next.TakeAsync(Of(1, 10), 1))!.Reason);
        Assert.Null(await next.TakeAsync(Of(2, 10), 10));
        Assert.Equal("quota_bytes", (await Start().TakeAsync(Of(2, 10), 1))!.Reason);
    }

    [Fact]
    public async Task Any_other_damage_lets_nobody_write_who_has_a_quota()
    {
        Assert.Null(await Start().TakeAsync(Of(1, 10), 10));
        Assert.Null(await Start().TakeAsync(Of(2, 10), 10));
        var good = await File.ReadAllBytesAsync(FilePath);
        for (var i = 0; i < good.Length - 1; i++)
        {
            var bad = good.ToArray();
            bad[i] ^= 1;
            await File.WriteAllBytesAsync(FilePath, bad);
            // A newline that is gone at the end is what a crash leaves; anywhere else it joins two lines.
            Assert.Equal((ErrorCode.Unavailable, "quota_unrecorded"), Of((await Start().TakeAsync(Of(1, 10), 1))!));
        }

        await File.WriteAllBytesAsync(FilePath, good);
        Assert.Equal("quota_bytes", (await Start().TakeAsync(Of(1, 10), 1))!.Reason);
        Assert.Null(await Start().TakeAsync(Of(9, 10) with { Constraints = CapabilityConstraints.None }, 1));
    }

    [Fact]
    public async Task A_file_of_many_changes_is_rewritten_and_others_notice()
    {
        var (writer, other) = (Start(), Start());
        Assert.Null(await other.TakeAsync(Of(1, 1L << 40), 5));
        var before = new FileInfo(FilePath).Length;
        for (var i = 0; i < 2000; i++)
        {
            Assert.Null(await writer.TakeAsync(Of(2, 1L << 40), 17 * 1024 * 1024));
        }

        Assert.InRange(new FileInfo(FilePath).Length, before, 1100 * 80);
        var third = Start();
        Assert.Null(await other.TakeAsync(Of(3, 10), 10));
        Assert.Equal("quota_bytes", (await third.TakeAsync(Of(3, 10), 1))!.Reason);
    }

    private static (ErrorCode Code, string? Reason) Of(RpcError error) => (error.Code, error.Reason);

    private static string Id(int number) => number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a process starts with; it ends by a crash unless it is closed.</summary>
    private ByteAllowances Start(int maxTracked = 100) =>
        new(new QuotaLedger(Folder, maxTracked, _time, NullLogger.Instance), _gate, new FsOptions { MaxQuotas = maxTracked }, _time);

    private CapabilityClaims Of(int number, long quota) => new()
    {
        Issuer = "i", Audience = "a", CapabilityId = Id(number), IssuedAt = _time.GetUtcNow(), ExpiresAt = _time.GetUtcNow() + TimeSpan.FromMinutes(1), Service = "fs",
        Constraints = new CapabilityConstraints { QuotaBytes = quota },
    };
}
