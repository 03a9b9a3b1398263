using System.Runtime.InteropServices;
using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Watches files and directories for changes. Watches are set from any thread; events are taken by one.</summary>
public sealed unsafe class Inotify : IDisposable
{
    // struct inotify_event: watch 4, mask 4, cookie 4, length 4, then the name padded with NULs.
    private const int HeaderBytes = 16;
    private const int BufferBytes = 64 * 1024;

    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(BufferBytes, pinned: true);
    private int _filled;
    private int _position;

    /// <summary>Makes one, without a watch.</summary>
    /// <exception cref="LinuxException">EMFILE: no descriptor, or no further instance for this user.</exception>
    public Inotify() => Handle = new FileDescriptor(LinuxException.Check(Libc.Result(Libc.inotify_init1(Libc.IN_NONBLOCK | Libc.IN_CLOEXEC)), "inotify_init1"));

    /// <summary>Readable when there are events.</summary>
    public FileDescriptor Handle { get; }

    /// <summary>Watches what a descriptor is open on; it may be closed afterwards.</summary>
    /// <param name="descriptor">A file or directory, O_PATH included.</param>
    /// <returns>The watch's number, the same for the same inode; or a negated <see cref="Errno"/>: ENOSPC no further watch for this user, EACCES it may not be read.</returns>
    public int TryAdd(int descriptor)
    {
        byte* own = stackalloc byte[DescriptorPath.MaxBytes];
        DescriptorPath.Write(descriptor, own);
        return Libc.Result(Libc.inotify_add_watch(Handle.Number, own, (uint)WatchedChanges.Wanted));
    }

    /// <summary>Ends a watch.</summary>
    /// <param name="watch">Its number.</param>
    public int TryRemove(int watch) => Libc.Result(Libc.inotify_rm_watch(Handle.Number, watch));

    /// <summary>Takes the next event, without waiting.</summary>
    /// <param name="change">The event when the result is 1.</param>
    /// <returns>1, 0 when there is none now, or a negated <see cref="Errno"/>.</returns>
    public int TryNext(out WatchedChange change)
    {
        change = default;
        if (_position >= _filled)
        {
            int read = Descriptors.TryRead(Handle.Number, _buffer);
            if (read is -Errno.EAGAIN or -Errno.EINTR)
            {
                return 0;
            }

            if (read <= 0)
            {
                return read;
            }

            (_filled, _position) = (read, 0);
        }

        ReadOnlySpan<byte> record = _buffer.AsSpan(_position, _filled - _position);
        int length = MemoryMarshal.Read<int>(record[12..]);
        ReadOnlySpan<byte> name = record.Slice(HeaderBytes, length);
        int end = name.IndexOf((byte)0);
        change = new WatchedChange(
            MemoryMarshal.Read<int>(record), (WatchedChanges)MemoryMarshal.Read<uint>(record[4..]), MemoryMarshal.Read<uint>(record[8..]), end < 0 ? name : name[..end]);
        _position += HeaderBytes + length;
        return 1;
    }

    /// <summary>Ends all watches.</summary>
    public void Dispose() => Handle.Dispose();
}
