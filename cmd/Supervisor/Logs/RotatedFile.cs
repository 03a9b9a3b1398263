using Strata.Linux;
using Strata.Supervision;

namespace Strata.Supervisor;

/// <summary>The log files of one service in a private directory: a present one, and older ones up to the policy's number.</summary>
/// <param name="logs">The directory of all services' logs, made (0700) when missing.</param>
/// <param name="service">The service.</param>
/// <param name="policy">The bounds in force.</param>
internal sealed class RotatedFile(string logs, string service, Func<LogPolicy> policy) : ILogFile
{
    private const int DirectoryMode = 0x1C0; // 0700
    private const int FileMode = 0x180; // 0600

    private readonly string _directory = Path.Combine(logs, service);
    private AppendOnlyFile? _file;

    public void Append(ReadOnlySpan<byte> lines)
    {
        Open();
        if (LogRotation.IsDue(_file!.LengthBytes, lines.Length, policy()))
        {
            Rotate();
            Open();
        }

        _file.Append(lines);
    }

    public void Close()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Open()
    {
        if (_file is not null)
        {
            return;
        }

        PrivateDirectory.Ensure(logs, DirectoryMode).Dispose();
        using var parent = PrivateDirectory.Ensure(_directory, DirectoryMode);
        // Not durable: a log may lose its last lines with the machine, and no start should wait for a disk.
        _file = AppendOnlyFile.Open(parent, LogRotation.FileName, FileMode, durable: false);
        EndTornLine(_file);
    }

    /// <summary>What a crash of the machine left half-written must not swallow the next line.</summary>
    private void EndTornLine(AppendOnlyFile file)
    {
        if (file.LengthBytes > 0)
        {
            var last = new byte[1];
            using var readable = File.OpenHandle(Path.Combine(_directory, LogRotation.FileName));
            if (RandomAccess.Read(readable, last, file.LengthBytes - 1) == 1 && last[0] != (byte)'\n')
            {
                file.Append("\n"u8);
            }
        }
    }

    private void Rotate()
    {
        var present = policy();
        if (present.Files == 1)
        {
            _file!.Truncate(0);
            return;
        }

        Close();
        foreach (var (from, to) in LogRotation.Renames(present))
        {
            if (File.Exists(Path.Combine(_directory, from)))
            {
                File.Move(Path.Combine(_directory, from), Path.Combine(_directory, to), overwrite: true);
            }
        }

        // A policy that keeps fewer than before leaves none of the older ones behind.
        for (var beyond = present.Files; File.Exists(Path.Combine(_directory, LogRotation.NameOf(beyond))); beyond++)
        {
            File.Delete(Path.Combine(_directory, LogRotation.NameOf(beyond)));
        }
    }
}
