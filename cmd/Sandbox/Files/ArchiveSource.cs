using System.Formats.Tar;
using System.Text;
using System.Threading.Channels;
using Strata.Contracts;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>Packs a tree into a tar archive, on a thread of its own. Follows no link, enters no mount, opens nothing but regular files; a directory that is swapped meanwhile is met as what it is then.</summary>
internal sealed class ArchiveSource(FileSpace space, string path, ArchiveLimits limits, CancellationToken ends)
{
    /// <summary>The deepest directory looked into; each open one costs a descriptor.</summary>
    internal const int MaxDepth = 256;

    private const int PieceBytes = 512 * 1024;
    private const int MaxPieces = 4;

    private readonly Channel<SandboxArchivePiece> _pieces = Channel.CreateBounded<SandboxArchivePiece>(MaxPieces);
    private int _entries;
    private int _skipped;
    private long _bytes;

    /// <summary>What was packed so far; ends with the error that packing met.</summary>
    internal ChannelReader<SandboxArchivePiece> Pieces => _pieces.Reader;

    /// <summary>Packs all.</summary>
    internal void Run()
    {
        try
        {
            using var stream = new PieceStream(this);
            using (var tar = new TarWriter(stream, TarEntryFormat.Gnu, leaveOpen: true))
            {
                Pack(tar);
            }

            stream.Send();
            _pieces.Writer.TryComplete();
        }
        catch (OperationCanceledException)
        {
            _pieces.Writer.TryComplete();
        }
        catch (SandboxException e)
        {
            _pieces.Writer.TryComplete(new Ipc.RpcException(SandboxCalls.ErrorOf(e)));
        }
        catch (Exception e)
        {
            _pieces.Writer.TryComplete(e);
        }
    }

    private void Pack(TarWriter tar)
    {
        var target = space.Resolve(path);
        var whole = path.EndsWith('/') || target.AsSpan().SequenceEqual("."u8);
        FileStatus status = default;
        if (whole || (space.Run(root => root.TryGetStatus(target, out status)) >= 0 && status.Kind == FileKind.Directory))
        {
            var opened = SandboxFileErrors.Check(space.Run(root => root.TryOpenDirectory(target, out status)));
            var name = whole ? "" : NameOf(target) + "/";
            if (!whole)
            {
                Write(tar, new GnuTarEntry(TarEntryType.Directory, name), status);
            }

            PackDirectory(tar, new FileDescriptor(opened), name, 0);
            return;
        }

        var file = SandboxFileErrors.Check(space.Run(root => root.TryOpenFile(target, out status)));
        WriteFile(tar, new FileDescriptor(file), NameOf(target), status);
    }

    private void PackDirectory(TarWriter tar, FileDescriptor directory, string prefix, int depth)
    {
        using var reader = new DirectoryReader(directory);
        while (reader.TryNext(out var entry) == 1)
        {
            ends.ThrowIfCancellationRequested();
            var name = entry.Name.ToArray();
            // Names in an archive are text: what is none cannot be packed so that it comes out again.
            if (!System.Text.Unicode.Utf8.IsValid(name) || FileStatus.TryGetEntry(directory, name, out var status) < 0 || !PackEntry(tar, directory, name, prefix + Encoding.UTF8.GetString(name), status, depth))
            {
                _skipped++;
            }
        }
    }

    private bool PackEntry(TarWriter tar, FileDescriptor directory, byte[] name, string path, FileStatus status, int depth)
    {
        if (status.Kind == FileKind.SymbolicLink)
        {
            if (EntryChanges.TryReadLink(directory, name, out var target) < 0)
            {
                return false;
            }

            Write(tar, new GnuTarEntry(TarEntryType.SymbolicLink, path) { LinkName = Encoding.UTF8.GetString(target) }, status with { Mode = 0x1FF });
            return true;
        }

        if (status.Kind == FileKind.Directory)
        {
            var inner = depth >= MaxDepth ? -1 : space.RunAs(() => BeneathRoot.TryDescend(directory, name, KeptOut.Nothing));
            if (inner < 0)
            {
                return false;
            }

            Write(tar, new GnuTarEntry(TarEntryType.Directory, path + "/"), status);
            PackDirectory(tar, new FileDescriptor(inner), path + "/", depth + 1);
            return true;
        }

        var file = status.Kind == FileKind.Regular ? space.RunAs(() => BeneathRoot.TryOpenEntry(directory, name, out status)) : -1;
        if (file < 0)
        {
            return false;
        }

        WriteFile(tar, new FileDescriptor(file), path, status);
        return true;
    }

    private void WriteFile(TarWriter tar, FileDescriptor file, string name, FileStatus status)
    {
        using (file)
        {
            using var content = new FileContentStream(file.Number, status.SizeBytes, ends);
            Write(tar, new GnuTarEntry(TarEntryType.RegularFile, name) { DataStream = content }, status);
        }
    }

    private void Write(TarWriter tar, GnuTarEntry entry, FileStatus status)
    {
        entry.Mode = (UnixFileMode)(status.Mode & 0x1FF);
        entry.ModificationTime = DateTimeOffset.UnixEpoch.AddTicks(Math.Max(status.ModifiedUnixNs, 0) / TimeSpan.NanosecondsPerTick);
        limits.Check(++_entries, _bytes += entry.DataStream?.Length ?? 0);
        tar.WriteEntry(entry);
    }

    private static string NameOf(byte[] target) => Encoding.UTF8.GetString(target.AsSpan(target.AsSpan().LastIndexOf((byte)'/') + 1));

    /// <summary>Cuts the archive into pieces and waits while nobody takes them.</summary>
    private sealed class PieceStream(ArchiveSource source) : WriteOnlyStream
    {
        private byte[] _piece = new byte[PieceBytes];
        private int _filled;

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            while (!buffer.IsEmpty)
            {
                var count = Math.Min(buffer.Length, PieceBytes - _filled);
                buffer[..count].CopyTo(_piece.AsSpan(_filled));
                buffer = buffer[count..];
                _filled += count;
                if (_filled == PieceBytes)
                {
                    Send();
                }
            }
        }

        internal void Send()
        {
            var piece = new SandboxArchivePiece(_piece.AsMemory(0, _filled), source._entries, source._skipped);
            source._pieces.Writer.WriteAsync(piece, source.Ends).AsTask().GetAwaiter().GetResult();
            (_piece, _filled) = (new byte[PieceBytes], 0);
        }
    }

    private CancellationToken Ends => ends;
}
