using System.Buffers;
using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>
/// Brings lines to their files beside everything else: lines wait in a bounded queue, and what finds no room there or on
/// the disk is counted. A file that cannot be written is tried again every <see cref="RetryAfter"/>.
/// </summary>
internal sealed class LogFiles : IAsyncDisposable
{
    /// <summary>Lines that wait.</summary>
    internal const int MaxQueuedLines = 8192;

    /// <summary>UTF-16 units of text that wait.</summary>
    internal const int MaxQueuedChars = 4 * 1024 * 1024;

    /// <summary>Lines are handed to a file in pieces of about this size.</summary>
    internal const int PieceBytes = 16 * 1024;

    private const int MaxTakenAtOnce = 1024;

    internal static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    private readonly Channel<LogLine> _queue = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(MaxQueuedLines) { SingleReader = true });
    private readonly ConcurrentDictionary<string, LogPolicy> _policies = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> _gone = new();
    private readonly Dictionary<string, Shelf> _shelves = new(StringComparer.Ordinal);
    private readonly Func<string, ILogFile> _open;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly Task _writing;
    private long _queuedChars;
    private long _waiting;
    private long _lagged;

    /// <summary>Begins to write.</summary>
    internal LogFiles(string logs, TimeProvider time, ILogger log)
        : this(null, logs, time, log)
    {
    }

    internal LogFiles(Func<string, ILogFile>? open, string logs, TimeProvider time, ILogger log)
    {
        (_time, _log) = (time, log);
        _open = open ?? (name => new RotatedFile(logs, name, () => _policies.GetValueOrDefault(name, LogPolicy.Default)));
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Lines accepted that are neither in their file nor counted as lost.</summary>
    internal long Waiting => Interlocked.Read(ref _waiting);

    /// <summary>Sets the bounds of a service's files.</summary>
    internal void Use(string service, LogPolicy policy) => _policies[service] = policy;

    /// <summary>A service is gone: its file is closed with the next line of another, and opened again should it still print.</summary>
    internal void Forget(string service)
    {
        _policies.TryRemove(service, out _);
        _gone.Enqueue(service);
    }

    /// <summary>Queues a line; never blocks.</summary>
    internal void Add(LogLine line)
    {
        Interlocked.Increment(ref _waiting);
        if (Interlocked.Add(ref _queuedChars, line.Text.Length) > MaxQueuedChars || !_queue.Writer.TryWrite(line))
        {
            Interlocked.Decrement(ref _waiting);
            Interlocked.Add(ref _queuedChars, -line.Text.Length);
            Interlocked.Increment(ref _lagged);
        }
    }

    /// <summary>Writes what waits and closes the files.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        foreach (var shelf in _shelves.Values)
        {
            shelf.File.Close();
        }
    }

    private async Task WriteAsync()
    {
        while (await _queue.Reader.WaitToReadAsync().ConfigureAwait(false))
        {
            for (var taken = 0; taken < MaxTakenAtOnce && _queue.Reader.TryRead(out var line); taken++)
            {
                Interlocked.Add(ref _queuedChars, -line.Text.Length);
                Put(ShelfOf(line.Service), line);
            }

            foreach (var shelf in _shelves.Values)
            {
                Store(shelf);
            }

            while (_gone.TryDequeue(out var gone))
            {
                if (_shelves.Remove(gone, out var shelf))
                {
                    shelf.File.Close();
                }
            }

            if (Interlocked.Exchange(ref _lagged, 0) is > 0 and var lost)
            {
                _log.LogFilesLag(lost);
            }
        }
    }

    private Shelf ShelfOf(string service)
    {
        if (!_shelves.TryGetValue(service, out var shelf))
        {
            _shelves[service] = shelf = new Shelf(service, _open(service));
        }

        return shelf;
    }

    private void Put(Shelf shelf, LogLine line)
    {
        LogJson.Write(shelf.Lines, line);
        shelf.Count++;
        if (shelf.Lines.WrittenCount >= PieceBytes)
        {
            Store(shelf);
        }
    }

    private void Store(Shelf shelf)
    {
        if (shelf.Count == 0)
        {
            return;
        }

        if (shelf.FailedAt is { } at && _time.GetElapsedTime(at) < RetryAfter)
        {
            shelf.Lost += shelf.Count;
        }
        else
        {
            Try(shelf);
        }

        Interlocked.Add(ref _waiting, -shelf.Count);
        shelf.Lines.ResetWrittenCount();
        shelf.Count = 0;
    }

    private void Try(Shelf shelf)
    {
        try
        {
            shelf.File.Append(shelf.Lines.WrittenSpan);
            if (shelf.FailedAt is not null)
            {
                shelf.FailedAt = null;
                _log.LogFileRecovered(shelf.Service, shelf.Lost);
                shelf.Lost = 0;
            }
        }
#pragma warning disable CA1031 // Whatever a disk does must not end the keeping of logs.
        catch (Exception e)
#pragma warning restore CA1031
        {
            shelf.File.Close();
            shelf.Lost += shelf.Count;
            var isNew = shelf.FailedAt is null;
            shelf.FailedAt = _time.GetTimestamp();
            if (isNew)
            {
                _log.LogFileFailed(shelf.Service, e.Message);
            }
        }
    }

    /// <summary>One service's file and what is on its way to it.</summary>
    private sealed class Shelf(string service, ILogFile file)
    {
        internal string Service => service;

        internal ILogFile File => file;

        internal ArrayBufferWriter<byte> Lines { get; } = new();

        internal int Count { get; set; }

        internal long Lost { get; set; }

        internal long? FailedAt { get; set; }
    }
}
