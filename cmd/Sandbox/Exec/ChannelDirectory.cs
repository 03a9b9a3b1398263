using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>The directory in which a session's shell finds its commands and pipes. Only the service writes it; inside it is read-only.</summary>
internal sealed class ChannelDirectory : IDisposable
{
    // Inside, the shell is somebody else than we are. Nobody else on the host gets here: the directory is in the sandbox's own mounts.
    private const int EverybodyWrites = 0x192; // rw--w--w-
    private const int EverybodyReads = 0x1a4; // rw-r--r--

    private readonly FileDescriptor _directory;

    private ChannelDirectory(FileDescriptor directory, string inside) => (_directory, Inside) = (directory, inside);

    /// <summary>Where it is for the shell.</summary>
    internal string Inside { get; }

    /// <summary>Opens that of a sandbox; null when it has none.</summary>
    internal static ChannelDirectory? Open(ISandbox sandbox) =>
        sandbox.OpenChannel() is { } directory ? new ChannelDirectory(directory, sandbox.Plan.ChannelPath) : null;

    /// <summary>Makes a pipe that the shell writes.</summary>
    internal FileDescriptor MakeOutput(string name) => Fifo.CreateEnd(_directory, name, EverybodyWrites, writing: false);

    /// <summary>Makes a pipe that the shell opens again and again to write: it never looks closed.</summary>
    internal FileDescriptor MakeReports(string name) => Fifo.CreateEnd(_directory, name, EverybodyWrites, writing: true);

    /// <summary>Makes a pipe that the shell reads.</summary>
    internal FileDescriptor MakeInput(string name) => Fifo.CreateEnd(_directory, name, EverybodyReads, writing: true);

    /// <summary>Writes a file that the shell is told of afterwards; there is none of that name.</summary>
    internal void Write(string name, ReadOnlySpan<byte> content) => DurableFile.Create(_directory, name, content, EverybodyReads);

    /// <summary>Removes one of these; who has it open keeps it.</summary>
    internal void Remove(string name) => _ = DirectoryChanges.TryRemove(_directory, Encoding.ASCII.GetBytes(name), isDirectory: false);

    public void Dispose() => _directory.Dispose();
}
