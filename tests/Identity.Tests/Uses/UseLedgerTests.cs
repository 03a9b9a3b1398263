using Microsoft.Extensions.Logging.Abstractions;

namespace Strata.Identity.Tests;

public sealed class UseLedgerTests : IDisposable
{
    private readonly Scratch _scratch = new();
    private readonly ManualTime _time = new();

    public void Dispose() => _scratch.Dispose();

    private DateTimeOffset Later => _time.GetUtcNow().AddHours(1);

    [Fact]
    public async Task A_use_is_on_disk_before_it_is_consented_to()
    {
        using var node = Open();
        var use = node.Ledger.SpendAsync(Id(1), Later);
        Assert.False(use.IsCompleted);
        Assert.DoesNotContain(Id(1).ToString(), File.ReadAllText(_scratch["state/identity/uses"]), StringComparison.Ordinal);

        node.Ledger.WriteBatch();
        Assert.Contains(Id(1).ToString(), File.ReadAllText(_scratch["state/identity/uses"]), StringComparison.Ordinal);
        Assert.Equal(UseOutcome.Used, await use.Soon());
    }

    [Fact]
    public async Task Of_many_wishes_at_once_one_is_met()
    {
        using var node = Open();
        var wishes = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => new { Task = node.Ledger.SpendAsync(Id(1), Later) }))).Soon();
        node.Ledger.WriteBatch();
        var outcomes = await Task.WhenAll(wishes.Select(w => w.Task)).Soon();

        Assert.Single(outcomes, UseOutcome.Used);
        Assert.Equal(63, outcomes.Count(o => o == UseOutcome.AlreadyUsed));
    }

    [Fact]
    public async Task What_is_being_spent_is_not_spent_again_meanwhile()
    {
        using var node = Open();
        var first = node.Ledger.SpendAsync(Id(1), Later);

        Assert.Equal(UseOutcome.AlreadyUsed, await node.Ledger.SpendAsync(Id(1), Later).Soon());
        Assert.True(node.Ledger.IsUsed(Id(1).ToString()));
        node.Ledger.WriteBatch();
        Assert.Equal(UseOutcome.Used, await first.Soon());
    }

    [Fact]
    public async Task A_use_outlives_every_end_of_the_process()
    {
        using (var node = Open())
        {
            Assert.Equal(UseOutcome.Used, await node.SpendAsync(1, Later));
        }

        using var again = Open();
        Assert.Equal(UseOutcome.AlreadyUsed, await again.SpendAsync(1, Later));
        Assert.Equal(UseOutcome.Used, await again.SpendAsync(2, Later));
    }

    [Fact]
    public async Task Cut_at_any_byte_of_the_last_write_every_use_before_holds()
    {
        using (var node = Open())
        {
            await node.SpendAsync(1, Later);
            await node.SpendAsync(2, Later);
        }

        var path = _scratch["state/identity/uses"];
        var whole = File.ReadAllBytes(path);
        var acknowledged = Array.LastIndexOf(whole, (byte)'\n', whole.Length - 2) + 1;
        for (var length = acknowledged; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            using var node = Open();
            Assert.Equal(UseOutcome.AlreadyUsed, await node.SpendAsync(1, Later));
        }
    }

    [Fact]
    public async Task A_damaged_or_missing_ledger_stops_identity_rather_than_forget()
    {
        using (var node = Open())
        {
            await node.SpendAsync(1, Later);
            await node.SpendAsync(2, Later);
        }

        var path = _scratch["state/identity/uses"];
        var whole = File.ReadAllBytes(path);
        whole["strata-uses 1\n".Length + 3] ^= 1;
        File.WriteAllBytes(path, whole);
        Assert.Contains("could be used again", Assert.ThrowsAny<Exception>(() => Open()).Message, StringComparison.Ordinal);

        File.Delete(path);
        Assert.Contains("is missing", Assert.ThrowsAny<Exception>(() => Open()).Message, StringComparison.Ordinal);

        File.WriteAllText(path, "strata-revocations 1\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Contains("strata-uses 1", Assert.ThrowsAny<Exception>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ledger_is_full_at_its_limit_until_capabilities_expire()
    {
        using var node = Open(maxEntries: 2);
        Assert.Equal(UseOutcome.Used, await node.SpendAsync(1, Later));
        Assert.Equal(UseOutcome.Used, await node.SpendAsync(2, Later.AddHours(1)));
        Assert.Equal(UseOutcome.Full, await node.SpendAsync(3, Later));
        Assert.Equal(UseOutcome.AlreadyUsed, await node.SpendAsync(1, Later));

        _time.Advance(TimeSpan.FromMinutes(64));
        Assert.Equal(UseOutcome.Full, await node.SpendAsync(3, Later));

        _time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(UseOutcome.Used, await node.SpendAsync(3, Later));
        Assert.Equal(UseOutcome.AlreadyUsed, await node.SpendAsync(2, Later));
        Assert.Equal(2, node.Ledger.Count);
    }

    [Fact]
    public async Task As_many_wait_as_may_and_one_more_is_refused()
    {
        using var node = Open();
        var waiting = Enumerable.Range(0, UseLedger.MaxWaiting).Select(i => node.Ledger.SpendAsync(Id(i), Later)).ToArray();

        Assert.Equal(UseOutcome.Full, await node.Ledger.SpendAsync(Id(UseLedger.MaxWaiting), Later).Soon());
        Assert.False(node.Ledger.IsUsed(Id(UseLedger.MaxWaiting).ToString()));
        node.Ledger.WriteBatch();
        Assert.All(await Task.WhenAll(waiting).Soon(), outcome => Assert.Equal(UseOutcome.Used, outcome));
    }

    [Fact]
    public async Task What_expired_is_dropped_from_the_file_in_time()
    {
        using var node = Open();
        for (var i = 0; i < RevocationLog.SpareRecords + 10; i++)
        {
            _ = node.Ledger.SpendAsync(Id(i), Later);
            if (i % 500 == 0)
            {
                node.Ledger.WriteBatch();
            }
        }

        node.Ledger.WriteBatch();
        var before = new FileInfo(_scratch["state/identity/uses"]).Length;
        _time.Advance(TimeSpan.FromHours(2));
        Assert.Equal(UseOutcome.Used, await node.SpendAsync(5000, Later));

        Assert.True(new FileInfo(_scratch["state/identity/uses"]).Length < before / 10);
        Assert.Equal(1, node.Ledger.Count);
    }

    [Fact]
    public async Task Who_waits_when_identity_stops_is_told_no()
    {
        using var node = Open();
        var use = node.Ledger.SpendAsync(Id(1), Later);
        await node.Ledger.RunAsync(new CancellationToken(canceled: true)).Soon();

        Assert.Equal(UseOutcome.Stopping, await use.Soon());
        Assert.Equal(UseOutcome.Stopping, await node.Ledger.SpendAsync(Id(2), Later).Soon());
    }

    [Fact]
    public async Task A_full_disk_consents_to_nothing_and_the_capabilities_stay_unused()
    {
        using var disk = SmallDisk.TryMount(_scratch["disk"], 64 * 1024);
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        using var node = Open("disk/state");
        Assert.Equal(UseOutcome.Used, await node.SpendAsync(1, Later));
        var ballast = Fill(_scratch["disk/ballast"]);
        var wishes = Enumerable.Range(2, 500).Select(i => node.Ledger.SpendAsync(Id(i), Later)).ToArray();
        node.Ledger.WriteBatch();
        Assert.All(await Task.WhenAll(wishes).Soon(), outcome => Assert.Equal(UseOutcome.DiskFails, outcome));
        Assert.Equal(1, node.Ledger.Count);

        File.Delete(ballast);
        Assert.Equal(UseOutcome.Used, await node.SpendAsync(2, Later));
        Assert.Equal(UseOutcome.AlreadyUsed, await node.SpendAsync(1, Later));
    }

    private static PackedId Id(int number) => PackedId.Of(Scratch.Id(number + 1));

    private static string Fill(string path)
    {
        using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        try
        {
            while (true)
            {
                file.Write(new byte[4096]);
            }
        }
        catch (IOException)
        {
            return path;
        }
    }

    private Opened Open(string state = "state", int maxEntries = UseLedger.MaxEntries)
    {
        var directory = IdentityDirectory.Open(_scratch[state]);
        try
        {
            return new Opened(directory, UseLedger.Open(directory, _time, NullLogger.Instance, maxEntries));
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private sealed record Opened(IdentityDirectory Directory, UseLedger Ledger) : IDisposable
    {
        internal async Task<UseOutcome> SpendAsync(int number, DateTimeOffset expires)
        {
            var use = Ledger.SpendAsync(Id(number), expires);
            Ledger.WriteBatch();
            return await use.Soon();
        }

        public void Dispose()
        {
            Ledger.Dispose();
            Directory.Dispose();
        }
    }
}
