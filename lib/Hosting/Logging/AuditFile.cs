using Strata.Linux;

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
    private const int TailBytes = 64 * 1024;

    private AppendOnlyFile? _file;

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

    /// <summary>Opens the file unless it is open.</summary>
    internal void Open()
    {
        if (_file is not null)
        {
            return;
        }

        MakeStateDirectory();
        using var parent = PrivateDirectory.Ensure(directory, DirectoryMode);
        _file = AppendOnlyFile.Open(parent, name, FileMode);
        CutTornLine(_file);
    }

    private void MakeStateDirectory()
    {
        if (Path.GetDirectoryName(directory) is { Length: > 0 } state && !Directory.Exists(state))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(state) ?? "/");
            // Whichever service starts first makes it; it will hold keys as well.
            PrivateDirectory.Ensure(state, DirectoryMode).Dispose();
        }
    }

    private void CutTornLine(AppendOnlyFile file)
    {
        var tail = new byte[(int)Math.Min(file.LengthBytes, TailBytes)];
        using var readable = File.OpenHandle(Path.Combine(directory, name));
        var from = file.LengthBytes - tail.Length;
        var count = RandomAccess.Read(readable, tail, from);
        var whole = tail.AsSpan(0, count).LastIndexOf((byte)'\n') + 1;
        if (whole < count)
        {
            file.Truncate(from + whole);
        }
    }

    private void Rotate()
    {
        Close();
        var path = Path.Combine(directory, name);
        for (var i = AuditLog.MaxRotatedFiles - 1; i >= 1; i--)
        {
            if (File.Exists($"{path}.{i}"))
            {
                File.Move($"{path}.{i}", $"{path}.{i + 1}", overwrite: true);
            }
        }

        File.Move(path, $"{path}.1", overwrite: true);
    }
}
