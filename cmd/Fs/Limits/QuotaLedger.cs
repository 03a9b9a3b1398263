using System.Text;
using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>
/// How much of each quota was given out, on disk, so that it holds through restarts and among the processes of a rolling one. What is written is taken here in
/// chunks before it is written: a crash never gives more than was allowed, and costs at most the rest of a chunk. Each call waits for the disk. Safe from any
/// thread and from several processes.
/// </summary>
/// <param name="directory">Where it is; made when first needed.</param>
/// <param name="maxTracked">Most capabilities whose sums are kept.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Told when the disk fails.</param>
internal sealed class QuotaLedger(string directory, int maxTracked, TimeProvider time, ILogger log)
{
    internal const string FileName = "quotas";

    private const string LockName = "quotas.lock";
    private const int DirectoryMode = 0x1C0; // 0700
    private const int PrivateFile = 0x180; // 0600

    /// <summary>Records beyond twice the live ones before the file is rewritten.</summary>
    private const int SpareRecords = 1024;

    /// <summary>Largest file read: twice the sums that are kept, with the longest records.</summary>
    private const long MaxFileBytes = 64 * 1024 * 1024;

    private readonly Lock _using = new();
    private readonly Dictionary<string, (long Bytes, long Ends)> _totals = new(StringComparer.Ordinal);
    private FileStatus _file;
    private long _read;
    private int _records;

    internal static RpcError QuotaUsed { get; } = RpcError.ResourceExhausted(
        "the capability's quota_bytes is used up, or the rest of it does not suffice; write less, or ask for a new capability", FsReasons.QuotaBytes);

    private static RpcError Untracked { get; } = RpcError.ResourceExhausted(
        "too many capabilities with quota_bytes are in use; try again later", FsReasons.QuotasExhausted);

    private static RpcError Unrecorded { get; } = RpcError.Unavailable(
        "what is written by a capability with quota_bytes cannot be recorded, so nothing is; see the log of fs and try again", FsReasons.QuotaUnrecorded);

    /// <summary>How much is taken at a time: seldom enough for many small writes, little enough to be lost.</summary>
    internal static long ChunkOf(long quota) => Math.Clamp(quota / 64, 4096, 16 * 1024 * 1024);

    /// <summary>Takes what is needed of every quota and a chunk more where there is room, all or nothing.</summary>
    /// <returns>What each was given; or why nothing was taken.</returns>
    internal Reply<long[]> Take(IReadOnlyList<QuotaWish> wishes)
    {
        lock (_using)
        {
            return OnDisk(handle =>
            {
                if (wishes.Any(wish => wish.Needed > wish.MaxBytes - _totals.GetValueOrDefault(wish.CapabilityId).Bytes))
                {
                    return QuotaUsed;
                }

                if (!HasRoom(wishes.Count(wish => !_totals.ContainsKey(wish.CapabilityId))))
                {
                    return Untracked;
                }

                var given = wishes.Select(wish => Math.Min(wish.Needed + ChunkOf(wish.MaxBytes), wish.MaxBytes - _totals.GetValueOrDefault(wish.CapabilityId).Bytes)).ToArray();
                Append(handle, [.. wishes.Select((wish, i) => (wish.CapabilityId, given[i], wish.EndsAt.ToUnixTimeSeconds()))]);
                return Reply.Ok(given);
            });
        }
    }

    /// <summary>Gives back what was taken and not used, when the service ends in good order.</summary>
    internal void Return(IReadOnlyCollection<(string CapabilityId, long Bytes)> unused)
    {
        if (unused.Count == 0)
        {
            return;
        }

        lock (_using)
        {
            _ = OnDisk(handle =>
            {
                Append(handle, [.. unused.Where(u => _totals.ContainsKey(u.CapabilityId)).Select(u => (u.CapabilityId, -u.Bytes, _totals[u.CapabilityId].Ends))]);
                return Reply.Ok(Array.Empty<long>());
            });
        }
    }

    private Reply<long[]> OnDisk(Func<FileDescriptor, Reply<long[]>> work)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
            using var handle = PrivateDirectory.Ensure(directory, DirectoryMode);
            using var held = FileLock.Acquire(handle, LockName);
            CatchUp(handle);
            return work(handle);
        }
        catch (Exception e) when (e is LinuxException or UnsafeDirectoryException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            log.QuotasNotRecorded(e.Message);
            // What is known may differ from what the disk holds: read it anew.
            Forget();
            return Unrecorded;
        }
    }

    /// <summary>Reads what other processes, or an earlier one, have written; cuts off what a crash left unfinished.</summary>
    private void CatchUp(FileDescriptor handle)
    {
        var path = Path.Combine(directory, FileName);
        var found = FileStatus.TryGetNoFollow(path, out var status);
        if (found < 0 || (status.Inode, status.Device) != (_file.Inode, _file.Device) || status.SizeBytes < _read)
        {
            Forget();
        }

        if (found == -Errno.ENOENT)
        {
            DurableFile.Replace(handle, FileName, QuotaRecords.Header, PrivateFile);
        }

        _file = status = StatusOf(path);
        if (status.SizeBytes > _read)
        {
            Read(handle, path, status);
        }
    }

    private static FileStatus StatusOf(string path)
    {
        var found = FileStatus.TryGetNoFollow(path, out var status);
        return found == 0 ? status : throw new LinuxException(found, "statx", path);
    }

    private void Read(FileDescriptor handle, string path, in FileStatus status)
    {
        if (status.Kind != FileKind.Regular || status.SizeBytes > MaxFileBytes)
        {
            throw new InvalidDataException($"{path} is no file, or larger than it can be; move it away: the sums then begin anew");
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[status.SizeBytes - _read];
        bytes = bytes[..RandomAccess.Read(file, bytes, _read)];
        var header = _read == 0 ? QuotaRecords.Header.Length : 0;
        var whole = _read > 0 || bytes.AsSpan().StartsWith(QuotaRecords.Header) ? QuotaRecords.Read(bytes.AsSpan(header), Note) : null;
        if (whole is not { } length)
        {
            throw new InvalidDataException($"{path} is damaged; move it away: the sums then begin anew");
        }

        _read += header + length;
        if (_read < status.SizeBytes)
        {
            using var torn = AppendOnlyFile.Open(handle, FileName, PrivateFile, durable: false);
            torn.Truncate(_read);
        }
    }

    private void Forget()
    {
        (_read, _records) = (0, 0);
        _totals.Clear();
    }

    private void Note(string capabilityId, long bytes, long ends)
    {
        var known = _totals.GetValueOrDefault(capabilityId);
        _totals[capabilityId] = (known.Bytes + bytes, Math.Max(known.Ends, ends));
        _records++;
    }

    private void Append(FileDescriptor handle, IReadOnlyList<(string CapabilityId, long Bytes, long Ends)> changes)
    {
        var text = new StringBuilder();
        foreach (var (id, bytes, ends) in changes)
        {
            QuotaRecords.Write(text, id, bytes, ends);
        }

        using (var file = AppendOnlyFile.Open(handle, FileName, PrivateFile, durable: false))
        {
            file.Append(Encoding.ASCII.GetBytes(text.ToString()));
            file.Sync();
            _read = file.LengthBytes;
        }

        foreach (var (id, bytes, ends) in changes)
        {
            Note(id, bytes, ends);
        }

        if (_records > (2 * _totals.Count) + SpareRecords)
        {
            Rewrite(handle);
        }
    }

    private void Rewrite(FileDescriptor handle)
    {
        ForgetEnded();
        var text = new StringBuilder(Encoding.ASCII.GetString(QuotaRecords.Header));
        foreach (var (id, (bytes, ends)) in _totals)
        {
            QuotaRecords.Write(text, id, bytes, ends);
        }

        DurableFile.Replace(handle, FileName, Encoding.ASCII.GetBytes(text.ToString()), PrivateFile);
        _file = StatusOf(Path.Combine(directory, FileName));
        (_read, _records) = (_file.SizeBytes, _totals.Count);
    }

    private bool HasRoom(int more)
    {
        if (_totals.Count + more > maxTracked)
        {
            ForgetEnded();
        }

        return _totals.Count + more <= maxTracked;
    }

    private void ForgetEnded()
    {
        var now = (time.GetUtcNow() - ClockSkew.Max).ToUnixTimeSeconds();
        foreach (var (id, _) in _totals.Where(total => total.Value.Ends < now).ToArray())
        {
            _totals.Remove(id);
        }
    }
}
