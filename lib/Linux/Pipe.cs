using Strata.Linux.Interop;

namespace Strata.Linux;

/// <summary>Both ends of a pipe, close-on-exec.</summary>
public sealed unsafe class Pipe : IDisposable
{
    private Pipe(FileDescriptor reader, FileDescriptor writer) => (Reader, Writer) = (reader, writer);

    /// <summary>The end that reads; 0 bytes once every writer is gone.</summary>
    public FileDescriptor Reader { get; }

    /// <summary>The end that writes.</summary>
    public FileDescriptor Writer { get; }

    /// <summary>Makes a pipe.</summary>
    /// <param name="nonBlockingReader">Whether the reading end answers EAGAIN instead of waiting, as an event loop needs. Default true; the writing end always blocks.</param>
    /// <exception cref="LinuxException">No descriptor is left.</exception>
    public static Pipe Create(bool nonBlockingReader = true)
    {
        int* ends = stackalloc int[2];
        LinuxException.Check(Libc.Result(Libc.pipe2(ends, Libc.O_CLOEXEC)), "pipe2");
        var pipe = new Pipe(new FileDescriptor(ends[0]), new FileDescriptor(ends[1]));
        if (nonBlockingReader)
        {
            LinuxException.Check(Descriptors.TrySetNonBlocking(ends[0], nonBlocking: true), "fcntl(F_SETFL)");
        }

        return pipe;
    }

    /// <summary>Closes both ends.</summary>
    public void Dispose()
    {
        Reader.Dispose();
        Writer.Dispose();
    }
}
