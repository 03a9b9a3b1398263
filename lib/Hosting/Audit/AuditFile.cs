using Strata.Linux;
using Strata.Policy;

namespace Strata.Hosting;

/// <summary>
/// The audit lines of one service on disk, in a private directory. A line that a crash cut short is removed at the next
/// opening, so that every line is whole.
/// </summary>
/// <param name="directory">The audit directory; made (0700) when missing.</param>
/// <param name="name">Name of the file; rotated files have <c>.1</c>, <c>.2</c>, ... added.</param>
/// <param name="maxBytes">Most bytes of one file; lines that would exceed it begin a new one.</param>
internal sealed class AuditFile(string directory, string name, long maxBytes) : IAuditFile
{
    private const int DirectoryMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600

    private AppendOnlyFile? _file;
    private AuditHead _end = AuditHead.Genesis;

    private string Path => System.IO.Path.Combine(directory, name);

    public AuditHead Open()
    {
        if (_file is null)
        {
            MakeStateDirectory();
            using var parent = PrivateDirectory.Ensure(directory, DirectoryMode);
            _file = AppendOnlyFile.Open(parent, name, FileMode);
            _end = FindEnd(_file);
        }

        return _end;
    }

    public string? Disturbance()
    {
        if (_file is null)
        {
            return null;
        }

        var length = _file.Status.SizeBytes;
        return FileStatus.TryGetNoFollow(Path, out var named) < 0 ? "it was removed"
            : named.Inode != _file.Status.Inode ? "another file was put in its place"
            : length < _file.LengthBytes ? $"{_file.LengthBytes - length} bytes were cut off its end"
            : length > _file.LengthBytes ? $"{length - _file.LengthBytes} bytes were added to its end"
            : null;
    }

    public void Append(ReadOnlySpan<byte> lines)
    {
        Open();
        if (_file!.LengthBytes > 0 && _file.LengthBytes + lines.Length > maxBytes)
        {
            Rotate();
            Open();
        }

        _file.Append(lines);
    }

    public void Sync() => _file?.Sync();

    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void MakeStateDirectory()
    {
        if (System.IO.Path.GetDirectoryName(directory) is { Length: > 0 } state && !Directory.Exists(state))
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(state) ?? "/");
            // Whichever service starts first makes it; it will hold keys as well.
            PrivateDirectory.Ensure(state, DirectoryMode).Dispose();
        }
    }

    /// <summary>Cuts off what a crash left torn, and finds the last line: here, or in the file before this one.</summary>
    private AuditHead FindEnd(AppendOnlyFile file)
    {
        var tail = TailOf(Path);
        var whole = tail.AsSpan().LastIndexOf((byte)'\n') + 1;
        if (whole < tail.Length)
        {
            file.Truncate(file.LengthBytes - tail.Length + whole);
        }

        var before = whole > 0 || !File.Exists($"{Path}.1") ? tail.AsSpan(0, whole) : TailOf($"{Path}.1");
        return EndOf(before) ?? AuditHead.Genesis;
    }

    private static AuditHead? EndOf(ReadOnlySpan<byte> lines)
    {
        if (lines.IsEmpty || lines[^1] != (byte)'\n')
        {
            return null;
        }

        var last = lines[..^1];
        return AuditLine.TryParse(last[(last.LastIndexOf((byte)'\n') + 1)..]) is { } line ? new AuditHead(line.Seq, line.Hash) : null;
    }

    private static byte[] TailOf(string path)
    {
        using var readable = File.OpenHandle(path);
        var length = RandomAccess.GetLength(readable);
        var tail = new byte[(int)Math.Min(length, AuditLine.MaxBytes + 1)];
        return tail[..RandomAccess.Read(readable, tail, length - tail.Length)];
    }

    private void Rotate()
    {
        Close();
        for (var i = AuditLog.MaxRotatedFiles - 1; i >= 1; i--)
        {
            if (File.Exists($"{Path}.{i}"))
            {
                File.Move($"{Path}.{i}", $"{Path}.{i + 1}", overwrite: true);
            }
        }

        File.Move(Path, $"{Path}.1", overwrite: true);
    }
}
