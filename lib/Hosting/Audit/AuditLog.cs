using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Strata.Ipc;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// The service's audit log: JSON lines in <c>audit/SERVICE.jsonl</c> of the state dir, mode 0600, rotated by size. Each line holds
/// the hash of the one before, and every so often a seal, signed by identity, so that <c>strata-ctl audit verify</c> finds what was changed.
/// </summary>
/// <remarks>
/// <see cref="Note"/> never blocks: records wait in a bounded queue, and what finds no room is counted and reported.
/// <see cref="CommitAsync"/> is for changes of authority: it returns when the record is on disk, or throws.
/// Between writes the log lingers, so that a busy service does not wake a thread for every record; a commit is never kept waiting.
/// </remarks>
public sealed class AuditLog : IAsyncDisposable
{
    /// <summary>Records waiting to be written; one more is lost, and counted.</summary>
    public const int MaxQueuedRecords = 8192;

    /// <summary>Size at which the file is rotated, in bytes.</summary>
    public const long MaxFileBytes = 16 * 1024 * 1024;

    /// <summary>Rotated files kept, <c>.1</c> the newest.</summary>
    public const int MaxRotatedFiles = 4;

    /// <summary>Denials of one user recorded at once.</summary>
    public const int DenialBurst = 1000;

    /// <summary>Denials of one user recorded in a second after that.</summary>
    public const int DenialsPerSecond = 10;

    /// <summary>Records after which the log is sealed.</summary>
    public const int MaxUnsealedRecords = 1000;

    /// <summary>How long a record waits for a seal at most, and how long after one that failed the next is tried.</summary>
    public static readonly TimeSpan SealInterval = TimeSpan.FromMinutes(1);

    /// <summary>How long records wait for an attempt to seal.</summary>
    internal static readonly TimeSpan SealTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the end of the service waits for the last seal.</summary>
    private static readonly TimeSpan LastSealTimeout = TimeSpan.FromMilliseconds(250);

    private const double NoticesPerSecond = 1 / 60.0;

    private const string Denied = "denied";

    private readonly Channel<AuditBatch.Entry> _queue = Channel.CreateBounded<AuditBatch.Entry>(new BoundedChannelOptions(MaxQueuedRecords) { SingleReader = true });
    private readonly IAuditFile _file;
    private readonly AuditChain _chain;
    private readonly string _node;
    private readonly string _service;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly UserThrottle _denials;
    private readonly UserThrottle _notices;
    private readonly Task _writing;
    private readonly CancellationTokenSource _ending = new();
    private TaskCompletionSource? _lingering;
    private int _urgent;
    private int _disposed;
    private long _lost;
    private long _reported;
    private long _recorded;
    private IAuditSealer? _sealer;
    private long _sealAt = MaxUnsealedRecords;
    private long _sealClock;
    private string? _sealFault;
    private Task<bool>? _more;

    /// <summary>Opens the log, creating its directory (0700) and file.</summary>
    /// <exception cref="IOException">They cannot be made, or the directory is open to others.</exception>
    public AuditLog(NodeSettings settings, string service, TimeProvider time, ILogger log)
        : this(settings, service, time, log, OpenFile(settings, service, MaxFileBytes))
    {
    }

    internal AuditLog(NodeSettings settings, string service, TimeProvider time, ILogger log, IAuditFile file)
    {
        (_node, _service, _time, _log, _file) = (settings.NodeId, service, time, log, file);
        _chain = new AuditChain(file);
        _denials = new UserThrottle(DenialBurst, DenialsPerSecond, time);
        _notices = new UserThrottle(1, NoticesPerSecond, time);
        _sealClock = time.GetTimestamp();
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>After a write, how long further records gather before the next unless one is a commit. Default 2 ms.</summary>
    internal TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>Records lost so far for want of room or disk.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>
    /// Queues a record; never blocks and never throws. Denials of one user beyond <see cref="DenialBurst"/> at once and
    /// <see cref="DenialsPerSecond"/> are counted and told by that user's next recorded one.
    /// </summary>
    public void Note(AuditRecord record)
    {
        if (record is { Outcome: Denied, Uid: { } uid })
        {
            if (!_denials.TryRecord(uid, out var suppressed))
            {
                TellSuppressed(uid);
                return;
            }

            record = record with { Suppressed = suppressed > 0 ? suppressed : null };
        }

        if (!_queue.Writer.TryWrite(new AuditBatch.Entry(Complete(record), null)))
        {
            Interlocked.Increment(ref _lost);
        }
    }

    /// <summary>Writes a record and waits until it is on disk.</summary>
    /// <exception cref="IOException">It could not be written; the change it describes must not be made.</exception>
    public async Task CommitAsync(AuditRecord record)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Hurry();
        try
        {
            await _queue.Writer.WriteAsync(new AuditBatch.Entry(Complete(record), done)).ConfigureAwait(false);
            await done.Task.ConfigureAwait(false);
        }
        catch (ChannelClosedException e)
        {
            throw new IOException("the audit log is closed: the service is stopping", e);
        }
        finally
        {
            Interlocked.Decrement(ref _urgent);
        }
    }

    /// <summary>Has the log sealed from now on: after <see cref="MaxUnsealedRecords"/> records, after <see cref="SealInterval"/>, and at its end.</summary>
    /// <param name="sealer">Who seals it; null when nobody is left to: what is not sealed then is when the log is open again.</param>
    public void SealBy(IAuditSealer? sealer) => Volatile.Write(ref _sealer, sealer);

    /// <summary>Seals the log now if it can be sealed; returns when that was tried.</summary>
    public async Task SealAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Hurry();
        if (_queue.Writer.TryWrite(new AuditBatch.Entry(null, done)))
        {
            await done.Task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Interlocked.Decrement(ref _urgent);
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
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        await SealAsync().WaitAsync(LastSealTimeout, TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _queue.Writer.TryComplete();
        Hurry();
        await _ending.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
        _file.Close();
    }

    /// <summary>The file, opened at once: a service that cannot audit must not start.</summary>
    internal static AuditFile OpenFile(NodeSettings settings, string service, long maxFileBytes)
    {
        var file = new AuditFile(settings.AuditDir, service + ".jsonl", maxFileBytes);
        file.Open();
        return file;
    }

    private void TellSuppressed(uint uid)
    {
        if (_notices.TryRecord(uid, out _))
        {
            _log.DenialsSuppressed(uid);
        }
    }

    private AuditRecord Complete(AuditRecord record) => record with
    {
        Time = _time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture),
        Node = _node,
        Service = _service,
    };

    private async Task WriteAsync()
    {
        var batch = new AuditBatch();
        while (await WaitAsync().ConfigureAwait(false))
        {
            batch.Take(_queue.Reader);
            TellDisturbance();
            var fault = batch.Count > 0 ? Store(batch) : null;
            Interlocked.Add(ref _lost, fault is null ? 0 : batch.Count);
            batch.Committed(fault);
            ReportLost(fault);
            if (fault is null && batch.Count > 0)
            {
                RecordLost(batch);
            }

            await SealIfDueAsync(batch.WantsSeal).ConfigureAwait(false);
            batch.Sealed();
            await LingerAsync().ConfigureAwait(false);
        }

        RecordLost(batch);
        ReportLost(null);
    }

    /// <summary>Waits for records, or until those that are written are to be sealed; false when there will be none.</summary>
    private async Task<bool> WaitAsync()
    {
        var more = _more ??= _queue.Reader.WaitToReadAsync().AsTask();
        if (_chain.Unsealed > 0 && Volatile.Read(ref _sealer) is not null && !more.IsCompleted)
        {
            using var over = new CancellationTokenSource();
            var left = SealInterval - _time.GetElapsedTime(_sealClock);
            var due = Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, _time, over.Token);
            if (await Task.WhenAny(more, due).ConfigureAwait(false) == due)
            {
                return true;
            }

            await over.CancelAsync().ConfigureAwait(false);
        }

        _more = null;
        return await more.ConfigureAwait(false);
    }

    private async Task SealIfDueAsync(bool wanted)
    {
        var unsealed = _chain.Unsealed;
        if (Volatile.Read(ref _sealer) is not { } sealer || unsealed == 0
            || !(wanted || unsealed >= _sealAt || _time.GetElapsedTime(_sealClock) >= SealInterval))
        {
            return;
        }

        using var patience = new CancellationTokenSource(SealTimeout, TimeProvider.System);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, _ending.Token);
        try
        {
            var record = JsonSerializer.SerializeToUtf8Bytes(Complete(new AuditRecord("audit.sealed", "allowed")), AuditJson.Default.AuditRecord);
            await _chain.SealAsync(sealer, record, limit.Token).ConfigureAwait(false);
            _sealFault = null;
        }
        catch (Exception e) when (e is AuditSealException or IOException or UnauthorizedAccessException or OperationCanceledException)
        {
            TellUnsealed(e);
            if (e is not AuditSealException)
            {
                // As after a failed write: nothing is certain about the open file.
                _file.Close();
            }
        }

        (_sealClock, _sealAt) = (_time.GetTimestamp(), _chain.Unsealed + MaxUnsealedRecords);
    }

    /// <summary>Says once why there are no seals, and each time that the log has been cut.</summary>
    private void TellUnsealed(Exception e)
    {
        if (e is AuditSealException { IsBehind: true })
        {
            _log.AuditTampered(e.Message);
        }
        else if (_sealFault != e.Message)
        {
            _log.AuditUnsealed(e.Message);
        }

        _sealFault = e.Message;
    }

    private void TellDisturbance()
    {
        if (Disturbance() is { } what)
        {
            _log.AuditTampered(what);
            _file.Close();
            Note(new AuditRecord("audit.tampered", "denied") { Reason = what });
        }
    }

    private string? Disturbance()
    {
        try
        {
            return _file.Disturbance();
        }
        catch (IOException)
        {
            // Writing will say what is wrong.
            return null;
        }
    }

    /// <summary>Ends the lingering, and keeps the log from it as long as the caller counts as urgent.</summary>
    private void Hurry()
    {
        Interlocked.Increment(ref _urgent);
        Volatile.Read(ref _lingering)?.TrySetResult();
    }

    /// <summary>Lets records gather. Whoever hurries either sees the lingering and ends it, or was seen before it began.</summary>
    private async Task LingerAsync()
    {
        var cut = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Interlocked.Exchange(ref _lingering, cut);
        if (Volatile.Read(ref _urgent) == 0)
        {
            // The system's clock in any case: a record must not wait for a clock that somebody holds still.
            await Task.WhenAny(cut.Task, Task.Delay(Linger, TimeProvider.System)).ConfigureAwait(false);
        }

        Volatile.Write(ref _lingering, null);
    }

    /// <summary>Null when the lines are in the file, and on disk where asked; otherwise why not.</summary>
    private IOException? Store(AuditBatch batch)
    {
        try
        {
            _chain.Append(batch.Lines);
            if (batch.WantsSync)
            {
                _file.Sync();
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // After a failed write or sync nothing is certain about the open file: the next batch opens it anew.
            _file.Close();
            return e as IOException ?? new IOException(e.Message, e);
        }
    }

    /// <summary>Once records can be written again, one of them tells how many could not be.</summary>
    private void RecordLost(AuditBatch batch)
    {
        var lost = Lost;
        if (lost > _recorded)
        {
            batch.Only(Complete(new AuditRecord("audit.lost", "denied") { Count = lost - _recorded }));
            _recorded = Store(batch) is null ? lost : _recorded;
        }
    }

    private void ReportLost(IOException? fault)
    {
        var lost = Lost;
        if (lost > _reported)
        {
            _log.AuditLost(lost - _reported, fault?.Message ?? "more records came than could be written");
            _reported = lost;
        }
    }
}
