using System.Buffers;
using System.Text.Json;
using System.Threading.Channels;

namespace Strata.Hosting;

/// <summary>The audit records of one write, and who waits for them.</summary>
internal sealed class AuditBatch
{
    /// <summary>Bytes of lines written at a time; what is queued beyond them waits for the next write.</summary>
    internal const int MaxBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _lines = new();
    private readonly List<TaskCompletionSource> _commits = [];
    private readonly List<TaskCompletionSource> _seals = [];

    /// <summary>The records, one JSON object a line.</summary>
    internal ReadOnlySpan<byte> Lines => _lines.WrittenSpan;

    /// <summary>How many records there are.</summary>
    internal int Count { get; private set; }

    /// <summary>Whether somebody waits until the records are on disk.</summary>
    internal bool WantsSync => _commits.Count > 0;

    /// <summary>Whether somebody waits for a seal.</summary>
    internal bool WantsSeal => _seals.Count > 0;

    /// <summary>Takes what is queued, up to the bound of a batch.</summary>
    internal void Take(ChannelReader<Entry> queue)
    {
        _lines.ResetWrittenCount();
        Count = 0;
        while (_lines.WrittenCount < MaxBytes && queue.TryRead(out var entry))
        {
            if (entry.Record is { } record)
            {
                Add(record);
            }

            if (entry.Done is not null)
            {
                (entry.Record is null ? _seals : _commits).Add(entry.Done);
            }
        }
    }

    /// <summary>Takes one record and nothing from the queue.</summary>
    internal void Only(AuditRecord record)
    {
        _lines.ResetWrittenCount();
        Count = 0;
        Add(record);
    }

    private void Add(AuditRecord record)
    {
        _lines.Write(JsonSerializer.SerializeToUtf8Bytes(record, AuditJson.Default.AuditRecord));
        _lines.Write("\n"u8);
        Count++;
    }

    /// <summary>Tells those who wait what became of the records: null when they are on disk.</summary>
    internal void Committed(IOException? fault)
    {
        foreach (var done in _commits)
        {
            _ = fault is null ? done.TrySetResult() : done.TrySetException(fault);
        }

        _commits.Clear();
    }

    /// <summary>Tells those who wait that sealing was tried.</summary>
    internal void Sealed()
    {
        foreach (var done in _seals)
        {
            done.TrySetResult();
        }

        _seals.Clear();
    }

    /// <summary>What waits in the queue.</summary>
    /// <param name="Record">The record; null for the wish to seal.</param>
    /// <param name="Done">Told when it is on disk, or the seal was tried; null when nobody waits.</param>
    internal readonly record struct Entry(AuditRecord? Record, TaskCompletionSource? Done);
}
