using System.Diagnostics;
using System.Text.Json;
using Strata.Linux;

namespace Strata.Hosting.Tests.Logging;

/// <summary>Against a real full disk: a small tmpfs in a mount namespace of its own, which vanishes with its only process.</summary>
public sealed class FullDiskTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Full_disk_fails_commits_leaves_whole_lines_and_is_recovered_from()
    {
        Assert.SkipUnless(UserId.Effective == 0, "mounting a tmpfs needs root");
        using var holder = MountTmpfs(out var root);
        Assert.SkipWhen(root is null, "this machine does not allow mount namespaces");
        var log = new TestLog();
        var settings = new NodeSettings { RuntimeDir = _directory.Path, StateDir = Path.Combine(root, "state"), NodeId = "local-0" };
        try
        {
            await using var audit = new AuditLog(settings, "fs", TimeProvider.System, log);
            var record = new AuditRecord("cap.issued", "allowed") { Resource = new string('x', 3000) };
            await audit.CommitAsync(record with { ReqId = "first" }).Soon();
            var ballast = Path.Combine(root, "ballast");
            FillDisk(ballast);
            var fault = await Assert.ThrowsAnyAsync<IOException>(() => FillAsync(audit, record));
            Assert.Contains("space", fault.Message, StringComparison.OrdinalIgnoreCase);
            Assert.True(audit.Lost > 0);
            await Patience.UntilAsync(() => log.Messages("audit_lost").Any());
            File.Delete(ballast);
            await audit.CommitAsync(record with { ReqId = "last" }).Soon();
            var path = Path.Combine(settings.AuditDir, "fs.jsonl");
            await Patience.UntilAsync(() => File.ReadAllText(path).Contains("\"event\":\"audit.lost\"", StringComparison.Ordinal));
            var lines = File.ReadAllLines(path).Select(l => JsonElement.Parse(l)).Where(l => l.GetProperty("event").GetString() == "cap.issued").Select(l => l.GetProperty("req_id").GetString()).ToList();
            Assert.Equal("first", lines[0]);
            Assert.Equal("last", lines[^1]);
        }
        finally
        {
            holder.Kill();
            await holder.WaitForExitAsync();
        }
    }

    private static async Task FillAsync(AuditLog audit, AuditRecord record)
    {
        for (var i = 0; i < 1000; i++)
        {
            await audit.CommitAsync(record with { ReqId = $"filler{i}" }).Soon();
        }
    }

    private static void FillDisk(string path)
    {
        using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write);
        var block = new byte[4096];
        try
        {
            for (var offset = 0L; ; offset += block.Length)
            {
                RandomAccess.Write(file, block, offset);
            }
        }
        catch (IOException)
        {
            // Full, as wanted.
        }
    }

    /// <summary>The mount is reached through its holder's root; nothing of it shows in this process's own namespace.</summary>
    private Process MountTmpfs(out string? root)
    {
        var holder = Process.Start(new ProcessStartInfo("unshare")
        {
            ArgumentList = { "--mount", "--propagation", "private", "sh", "-c", "mount -t tmpfs -o size=256k,mode=0700 tmpfs \"$0\" && echo mounted && exec sleep 120", _directory.Path },
            RedirectStandardOutput = true,
        })!;
        root = holder.StandardOutput.ReadLine() == "mounted" ? $"/proc/{holder.Id}/root{_directory.Path}" : null;
        return holder;
    }
}
