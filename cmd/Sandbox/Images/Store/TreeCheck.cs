using System.Globalization;
using System.Text;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Sandbox;

/// <summary>
/// Makes one value of a whole tree: names, kinds, modes, owners, targets and contents. It tells what a disk or a hand has changed since; whoever
/// may write the store could write the value as well.
/// </summary>
internal sealed class TreeCheck
{
    private readonly Sha256Hash _hash = new();
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly CancellationToken _cancellation;

    private TreeCheck(CancellationToken cancellation) => _cancellation = cancellation;

    /// <summary>The value of a directory and all in it.</summary>
    internal static string Of(FileDescriptor directory, CancellationToken cancellation)
    {
        var check = new TreeCheck(cancellation);
        check.Add(directory);
        return check._hash.Finish();
    }

    private void Add(FileDescriptor directory)
    {
        foreach (var name in Names(directory))
        {
            _cancellation.ThrowIfCancellationRequested();
            LayerCalls.Check(FileStatus.TryGetEntry(directory, name, out var status), "statx", name);
            _hash.Append(name);
            long size = status.Kind == FileKind.Regular ? status.SizeBytes : 0;
            _hash.Append(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"\0{(int)status.Kind} {status.Mode} {status.Uid} {status.Gid} {size}\n")));
            if (status.Kind == FileKind.Directory)
            {
                using var inner = new FileDescriptor(LayerCalls.Check(BeneathRoot.TryDescend(directory, name, KeptOut.Nothing), "openat2", name));
                Add(inner);
                _hash.Append("..\n"u8);
            }
            else if (status.Kind == FileKind.SymbolicLink)
            {
                LayerCalls.Check(EntryChanges.TryReadLink(directory, name, out var target), "readlinkat", name);
                _hash.Append(target);
            }
            else if (status.Kind == FileKind.Regular && size > 0)
            {
                AddContent(directory, name);
            }
        }
    }

    private void AddContent(FileDescriptor directory, byte[] name)
    {
        using var file = new FileDescriptor(LayerCalls.Check(BeneathRoot.TryOpenEntry(directory, name, out _), "openat2", name));
        Span<byte> sum = stackalloc byte[sizeof(uint)];
        int read;
        for (long offset = 0; (read = LayerCalls.Check(FileContent.TryRead(file.Number, _buffer, offset), "pread", name)) > 0; offset += read)
        {
            BitConverter.TryWriteBytes(sum, Crc32C.Of(_buffer.AsSpan(0, read)));
            _hash.Append(sum);
        }
    }

    private static List<byte[]> Names(FileDescriptor directory)
    {
        using var reader = new DirectoryReader(FileDescriptor.Duplicate(directory.Number));
        LayerCalls.Check(reader.TrySeek(0), "lseek", default);
        var names = new List<byte[]>();
        int result;
        while ((result = reader.TryNext(out var entry)) > 0)
        {
            names.Add(entry.Name.ToArray());
        }

        LayerCalls.Check(result, "getdents64", default);
        names.Sort(static (one, other) => one.AsSpan().SequenceCompareTo(other));
        return names;
    }
}
