using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Identity;

/// <content>Reading at start, and compaction.</content>
internal sealed partial class IssuedStore
{
    private const int BufferBytes = 1 << 20;
    private const long SpareBytes = 16L * 1024 * 1024;
    private const int MinDropped = 4096;
    private static readonly TimeSpan PruneInterval = TimeSpan.FromMinutes(1);

    private long _prunedAt;

    /// <summary>Reads the file record by record; what a crash left unfinished at its end is cut.</summary>
    private void Load()
    {
        var buffer = new byte[BufferBytes];
        var header = buffer.AsSpan(0, IssuedRecord.Header.Length);
        if (_file.Read(header, 0) != header.Length || !header.SequenceEqual(IssuedRecord.Header))
        {
            throw new SettingsException($"the file {IssuedFile.FileName} of identity's state does not begin with \"strata-issued 1\": remove it to begin the account of issued capabilities anew; no capability ends by that");
        }

        long offset = IssuedRecord.Header.Length;
        while (true)
        {
            var have = _file.Read(buffer, offset);
            var used = Take(buffer.AsSpan(0, have), offset);
            offset += used;
            if (used == 0 || have < buffer.Length)
            {
                break;
            }
        }

        if (offset < _file.LengthBytes)
        {
            _log.IssuedCut(_file.LengthBytes - offset);
            _file.Truncate(offset);
        }

        _written = offset;
        _prunedAt = _time.GetTimestamp();
    }

    /// <summary>Takes the whole records of a piece of the file; returns how many bytes they were.</summary>
    private int Take(ReadOnlySpan<byte> piece, long offset)
    {
        var (used, now) = (0, Now);
        while (piece.Length - used >= IssuedRecord.PrefixBytes)
        {
            var length = IssuedRecord.LengthOf(piece[used..]);
            if (length == 0 || piece.Length - used < length || !IssuedRecord.TryReadEntry(piece.Slice(used, length), offset + used, out var entry, out var root))
            {
                break;
            }

            used += length;
            _serial = Math.Max(_serial, entry.Serial);
            if (entry.ExpiresAt >= now && (_index.Count < _maxEntries || _index.Find(entry.Id) != IssuedIndex.None))
            {
                Upsert(_index.Find(entry.Id), entry);
                if (_index.Find(root) is var at and not IssuedIndex.None)
                {
                    _index[at].Derived++;
                }
            }
        }

        return used;
    }

    private void CompactWhenDue()
    {
        if (_time.GetElapsedTime(_prunedAt) < PruneInterval)
        {
            return;
        }

        _prunedAt = _time.GetTimestamp();
        Compact(force: false);
    }

    /// <summary>Drops what has expired, and rewrites the file when most of it is spent. Whoever issues waits only for the last step.</summary>
    internal void Compact(bool force)
    {
        long[] offsets;
        lock (_using)
        {
            if (_closed)
            {
                return;
            }

            var (expired, live) = (0, 0L);
            for (var i = 0; i < _index.Count; i++)
            {
                expired += _index[i].ExpiresAt < Now ? 1 : 0;
                live += _index[i].Length;
            }

            if (expired > 0 && (force || expired > Math.Max(MinDropped, _index.Count / 4)))
            {
                _index.Prune(Now);
            }

            Write();
            if (!force && _file.LengthBytes < (live * 2) + SpareBytes)
            {
                return;
            }

            offsets = new long[_index.Count];
            for (var i = 0; i < offsets.Length; i++)
            {
                offsets[i] = _index[i].Offset;
            }

            _rewriting = true;
        }

        var next = _file.BeginNext();
        try
        {
            Rewrite(offsets, next);
        }
        catch
        {
            next.Dispose();
            throw;
        }
        finally
        {
            lock (_using)
            {
                _rewriting = false;
            }
        }
    }

    private void Rewrite(long[] offsets, AppendOnlyFile next)
    {
        var copy = new RecordCopy(_file, next);

        // Adding happens meanwhile, and renewing; dropping does not, so numbers stay what they are.
        var moved = new long[offsets.Length];
        for (var i = 0; i < offsets.Length; i++)
        {
            moved[i] = copy.Add(offsets[i], LengthAt(i, offsets[i]));
        }

        lock (_using)
        {
            Write();
            var places = new long[_index.Count];
            for (var i = 0; i < places.Length; i++)
            {
                var entry = _index[i];
                places[i] = i < moved.Length && entry.Offset == offsets[i] ? moved[i] : copy.Add(entry.Offset, entry.Length);
            }

            copy.Finish();
            _file.Become(next);
            _written = _file.LengthBytes;
            for (var i = 0; i < places.Length; i++)
            {
                _index[i].Offset = places[i];
            }
        }
    }

    /// <summary>The length of a record; 0 when its capability was renewed meanwhile and stands elsewhere.</summary>
    private int LengthAt(int index, long offset)
    {
        lock (_using)
        {
            return _index[index].Offset == offset ? _index[index].Length : 0;
        }
    }

    /// <summary>Copies records into another file, many at a time.</summary>
    private sealed class RecordCopy(IssuedFile from, AppendOnlyFile to)
    {
        private readonly byte[] _buffer = new byte[BufferBytes];
        private int _have;

        /// <summary>Copies a record and tells where it will stand; -1 for one without a length.</summary>
        internal long Add(long offset, int length)
        {
            if (length == 0)
            {
                return -1;
            }

            if (_have + length > _buffer.Length)
            {
                Finish();
            }

            if (from.Read(_buffer.AsSpan(_have, length), offset) != length)
            {
                throw new LinuxException(Errno.EIO, "reading a record", IssuedFile.FileName);
            }

            _have += length;
            return to.LengthBytes + _have - length;
        }

        internal void Finish()
        {
            to.Append(_buffer.AsSpan(0, _have));
            _have = 0;
        }
    }
}
