using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Strata.Ipc;

namespace Strata.Hosting;

/// <summary>
/// The service's audit log: JSON lines in <c>audit/SERVICE.jsonl</c> of the state dir, mode 0600, rotated by size.
/// </summary>
/// <remarks>
/// <see cref="Note"/> never blocks: records wait in a bounded queue, and what finds no room is counted and reported.
/// <see cref="CommitAsync"/> is for changes of authority: it returns when the record is on disk, or throws.
/// </remarks>
public sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Records waiting to be written; one more is lost, and counted.</summary>
    public const int MaxQueuedRecords = 8192;

    /// <summary>Size at which the file is rotated, in bytes.</summary>
    public const long MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>Rotated files kept, <c>.1</c> the newest.</summary>
    public const int MaxRotatedFiles = 4;

    private readonly Channel<Entry> _queue = Channel.CreateBounded<Entry>(new BoundedChannelOptions(MaxQueuedRecords) { SingleReader = true });
    private readonly string _path;
    private readonly string _node;
    private readonly string _service;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _writing;
    private FileStream? _file;
    private long _lost;

    /// <summary>Opens the log, creating its directory (0700) and file.</summary>
    public AuditLog(NodeSettings settings, string service, TimeProvider time, ILogger log)
    {
        Directory.CreateDirectory(settings.AuditDir, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        _path = Path.Combine(settings.AuditDir, service + ".jsonl");
        (_node, _service, _time, _log) = (settings.NodeId, service, time, log);
        _file = Open();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Records lost so far for want of room or disk.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Queues a record; never blocks and never throws.</summary>
    public void Note(AuditRecord record)
    {
        if (!_queue.Writer.TryWrite(new Entry(Complete(record), null)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes a record and waits until it is on disk.</summary>
    /// <exception cref="IOException">It could not be written; the change it describes must not be made.</exception>
    public async Task CommitAsync(AuditRecord record)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await _queue.Writer.WriteAsync(new Entry(Complete(record), done)).ConfigureAwait(false);
        await done.Task.ConfigureAwait(false);
    }

    /// <summary>A record about a call: who, which request, which method.</summary>
    public static AuditRecord Of(string name, string outcome, CallContext call) => new(name, outcome)
    {
        ReqId = call.ReqId,
        Method = call.Method.Name,
        Uid = call.Peer.Uid,
        Pid = call.Peer.Pid,
        Subject = (call.Principal as Principal)?.Subject,
        CapId = (call.Principal as Principal)?.CapabilityId,
    };

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_file is not null)
        {
            await _file.DisposeAsync().ConfigureAwait(false);
        }
    }

    private AuditRecord Complete(AuditRecord record) => record with
    {
        Time = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        Node = _node,
        Service = _service,
    };

    private FileStream Open() => new(_path, new FileStreamOptions
    {
        Mode = FileMode.Append,
        Access = FileAccess.Write,
        Share = FileShare.ReadWrite | FileShare.Delete,
        BufferSize = 64 * 1024,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private async Task WriteAsync()
    {
        var reported = 0L;
        var waiting = new List<TaskCompletionSource>();
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            var fault = WriteBatch(waiting);
            foreach (var done in waiting)
            {
                _ = fault is null ? done.TrySetResult() : done.TrySetException(fault);
            }

            waiting.Clear();
            var lost = Lost;
            if (lost > reported)
            {
                _log.AuditLost(lost - reported, fault?.Message ?? "more records came than could be written");
                reported = lost;
            }
        }
    }

    /// <summary>Writes what is queued; syncs when somebody waits for it. Returns the fault that kept it from disk.</summary>
    private IOException? WriteBatch(List<TaskCompletionSource> waiting)
    {
        var count = 0;
        try
        {
            _file ??= Open();
            while (count < MaxQueuedRecords && _queue.Reader.TryRead(out var entry))
            {
                count++;
                if (entry.Done is not null)
                {
                    waiting.Add(entry.Done);
                }

                _file.Write(JsonSerializer.SerializeToUtf8Bytes(entry.Record, AuditJson.Default.AuditRecord));
                _file.WriteByte((byte)'\n');
            }

            _file.Flush(flushToDisk: waiting.Count > 0);
            RotateWhenFull();
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ObjectDisposedException)
        {
            Interlocked.Add(ref _lost, count);
            Abandon();
            return e as IOException ?? new IOException(e.Message, e);
        }
    }

    /// <summary>Drops the stream with whatever it could not write; the next batch opens the file anew.</summary>
    private void Abandon()
    {
        var broken = _file;
        _file = null;
        try
        {
            broken?.Dispose();
        }
        catch (IOException)
        {
            // The same full disk, met once more while flushing.
        }
    }

    private void RotateWhenFull()
    {
        if (_file!.Length < MaxFileBytes)
        {
            return;
        }

        _file.Dispose();
        _file = null;
        for (var i = MaxRotatedFiles - 1; i >= 1; i--)
        {
            if (File.Exists($"{_path}.{i}"))
            {
                File.Move($"{_path}.{i}", $"{_path}.{i + 1}", overwrite: true);
            }
        }

        File.Move(_path, $"{_path}.1", overwrite: true);
        _file = Open();
    }

    private readonly record struct Entry(AuditRecord Record, TaskCompletionSource? Done);
}
