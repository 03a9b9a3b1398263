using Microsoft.Extensions.Logging.Abstractions;
using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity.Tests;

public class RevocationLogTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Later = Now.AddHours(1);

    [Fact]
    public void Appended_records_are_there_after_a_kill()
    {
        using var scratch = new Scratch();
        using var directory = IdentityDirectory.Open(scratch["state"]);
        var (log, _) = RevocationLog.Open(directory, true, Now, NullLogger.Instance);
        using var held = log;
        for (var i = 1; i <= 5; i++)
        {
            log.Append([Scratch.Revoked(i, Later)], () => []);

            Scratch.CopyState(scratch["state"], scratch[$"copy{i}"]);
            Assert.Equal(Enumerable.Range(1, i).Select(n => Scratch.Revoked(n, Later)), Reopen(scratch[$"copy{i}"]));
        }
    }

    [Fact]
    public void After_a_cut_at_any_byte_the_log_opens_and_takes_records_again()
    {
        using var scratch = new Scratch();
        var whole = RevocationRecords.EncodeFile([Scratch.Revoked(1, Later), Scratch.Revoked(2, Later)]);
        for (var length = RevocationRecords.Header.Length; length <= whole.Length; length++)
        {
            var state = scratch[$"s{length}"];
            Write(state, whole[..length]);
            using (var directory = IdentityDirectory.Open(state))
            {
                var (log, live) = RevocationLog.Open(directory, false, Now, NullLogger.Instance);
                using var held = log;
                log.Append([Scratch.Revoked(3, Later)], () => live);
            }

            Assert.Contains(Scratch.Revoked(3, Later), Reopen(state));
            Assert.Equal(length >= whole.Length - 1, Reopen(state).Contains(Scratch.Revoked(2, Later)));
        }
    }

    [Fact]
    public void A_damaged_log_is_refused_by_name_and_left_as_it_is()
    {
        using var scratch = new Scratch();
        var file = RevocationRecords.EncodeFile([Scratch.Revoked(1, Later), Scratch.Revoked(2, Later)]);
        file[40] ^= 1;
        Write(scratch["state"], file);

        var e = Assert.Throws<SettingsException>(() => Reopen(scratch["state"]));

        Assert.Contains("identity/revocations is damaged in line 2", e.Message, StringComparison.Ordinal);
        Assert.Equal(file, File.ReadAllBytes(scratch["state/identity/revocations"]));
    }

    [Fact]
    public void A_missing_log_of_a_node_that_had_one_is_refused()
    {
        using var scratch = new Scratch();

        Assert.Contains("is missing", Assert.Throws<SettingsException>(() => Reopen(scratch["state"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Expired_records_are_dropped_only_after_the_largest_clock_skew()
    {
        using var scratch = new Scratch();
        RevokedCapability[] entries = [new(Scratch.Id(1), Now - ClockSkew.Max), new(Scratch.Id(2), Now - ClockSkew.Max - TimeSpan.FromSeconds(1))];
        Write(scratch["state"], RevocationRecords.EncodeFile(entries));

        Assert.Equal([entries[0]], Reopen(scratch["state"]));
    }

    [Fact]
    public void A_mostly_expired_log_is_compacted_at_start()
    {
        using var scratch = new Scratch();
        var old = Enumerable.Range(10, RevocationLog.SpareRecords + 3).Select(i => Scratch.Revoked(i, Now.AddDays(-1)));
        Write(scratch["state"], RevocationRecords.EncodeFile([Scratch.Revoked(1, Later), .. old]));

        Assert.Equal([Scratch.Revoked(1, Later)], Reopen(scratch["state"]));

        Assert.Equal(RevocationRecords.EncodeFile([Scratch.Revoked(1, Later)]), File.ReadAllBytes(scratch["state/identity/revocations"]));
    }

    [Fact]
    public void On_a_full_disk_nothing_is_half_done_and_the_log_works_again_once_there_is_room()
    {
        using var scratch = new Scratch();
        using var disk = SmallDisk.TryMount(scratch["disk"], 64 * 1024);
        Assert.SkipWhen(disk is null, "mounting a small file system needs root");
        using var directory = IdentityDirectory.Open(scratch["disk/state"]);
        var (log, _) = RevocationLog.Open(directory, true, Now, NullLogger.Instance);
        using var held = log;
        log.Append([Scratch.Revoked(1, Later)], () => []);
        var ballast = SmallDisk.Fill(scratch["disk/ballast"]);

        var batch = Enumerable.Range(2, 500).Select(i => Scratch.Revoked(i, Later)).ToArray();
        var e = Assert.Throws<LinuxException>(() => log.Append(batch, () => []));
        Assert.Equal(Errno.ENOSPC, e.Errno);
        Assert.Equal(RevocationRecords.EncodeFile([Scratch.Revoked(1, Later)]), File.ReadAllBytes(scratch["disk/state/identity/revocations"]));

        File.Delete(ballast);
        log.Append(batch, () => []);
        Scratch.CopyState(scratch["disk/state"], scratch["copy"]);
        Assert.Equal(501, Reopen(scratch["copy"]).Count);
    }

    private static IReadOnlyList<RevokedCapability> Reopen(string state)
    {
        using var directory = IdentityDirectory.Open(state);
        var (log, live) = RevocationLog.Open(directory, false, Now, NullLogger.Instance);
        log.Dispose();
        return live;
    }

    private static void Write(string state, byte[] file)
    {
        IdentityDirectory.Open(state).Dispose();
        var path = Path.Combine(state, "identity", RevocationLog.FileName);
        File.WriteAllBytes(path, file);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }
}
