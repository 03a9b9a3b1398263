using Strata.Hosting;
using Strata.Linux;

namespace Strata.Identity;

/// <summary>The file of issued capabilities: appended to, read at an offset, replaced when much of it is spent. Not for several threads at once.</summary>
internal sealed class IssuedFile : IDisposable
{
    internal const string FileName = "issued";
    private const string NextName = "issued.next";

    private readonly IdentityDirectory _directory;
    private AppendOnlyFile _file;
    private FileDescriptor _reading;

    private IssuedFile(IdentityDirectory directory, AppendOnlyFile file, FileDescriptor reading) => (_directory, _file, _reading) = (directory, file, reading);

    internal long LengthBytes => _file.LengthBytes;

    /// <summary>Opens the file, or makes it.</summary>
    /// <exception cref="SettingsException">It is not a private file of ours.</exception>
    internal static IssuedFile Open(IdentityDirectory directory)
    {
        if (directory.TryOpen(FileName) is not { } reading)
        {
            directory.Replace(FileName, IssuedRecord.Header);
            reading = directory.TryOpen(FileName)!;
        }

        return new IssuedFile(directory, AppendOnlyFile.Open(directory.Handle, FileName, IdentityDirectory.FileMode, durable: false), reading);
    }

    internal void Append(ReadOnlySpan<byte> records) => _file.Append(records);

    internal void Sync() => _file.Sync();

    internal void Truncate(long length) => _file.Truncate(length);

    /// <summary>After a failure: opens the file anew and cuts what of a failed write may be in it.</summary>
    internal void Reopen(long length)
    {
        _file.Dispose();
        _file = AppendOnlyFile.Open(_directory.Handle, FileName, IdentityDirectory.FileMode, durable: false);
        _file.Truncate(Math.Min(length, _file.LengthBytes));
    }

    /// <summary>Fills the buffer from an offset; returns how much there was.</summary>
    internal int Read(Span<byte> buffer, long offset)
    {
        var have = 0;
        while (have < buffer.Length)
        {
            var count = FileContent.TryRead(_reading.Number, buffer[have..], offset + have);
            if (count == -Errno.EINTR)
            {
                continue;
            }

            if (count < 0)
            {
                throw new LinuxException(count, "read", FileName);
            }

            if (count == 0)
            {
                break;
            }

            have += count;
        }

        return have;
    }

    /// <summary>Begins the file that is to replace this one.</summary>
    internal AppendOnlyFile BeginNext()
    {
        _directory.Replace(NextName, IssuedRecord.Header);
        return AppendOnlyFile.Open(_directory.Handle, NextName, IdentityDirectory.FileMode, durable: false);
    }

    /// <summary>Puts the next file in this one's place.</summary>
    internal void Become(AppendOnlyFile next)
    {
        next.Sync();
        _directory.Rename(NextName, FileName);
        _reading.Dispose();
        _file.Dispose();
        _reading = _directory.TryOpen(FileName)!;
        _file = next;
    }

    public void Dispose()
    {
        _file.Dispose();
        _reading.Dispose();
    }
}
