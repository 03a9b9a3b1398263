using System.Text;
using Strata.Linux;

namespace Strata.Hosting;

/// <summary>
/// A file in the making: a name of its own beside its target, which it takes whole or not at all. Discarded when it is disposed
/// first; what a crash leaves behind is called <c>.strata-…</c> and is nobody's file.
/// </summary>
internal sealed class PendingFile : IDisposable
{
    private const int RandomBytes = 16;

    private readonly BeneathRoot _directory;
    private readonly byte[] _name;
    private readonly byte[] _own;
    private readonly FileDescriptor _file;
    private bool _keeps;

    private PendingFile(BeneathRoot directory, byte[] name, byte[] own, FileDescriptor file) =>
        (_directory, _name, _own, _file) = (directory, name, own, file);

    internal int Descriptor => _file.Number;

    /// <summary>Makes the file.</summary>
    /// <param name="root">What the path lies beneath.</param>
    /// <param name="target">The path it will have.</param>
    /// <param name="replace">Whether something may be there; when not, that is told at once, and again at the end.</param>
    /// <param name="mode">Permission bits, cut by the umask.</param>
    /// <param name="pending">The file, when the result is 0.</param>
    /// <param name="found">Whether the directory of the path was found; when not, the error is one of the path.</param>
    /// <returns>0, or a negated <see cref="Errno"/>.</returns>
    internal static int TryMake(BeneathRoot root, byte[] target, bool replace, int mode, out PendingFile? pending, out bool found)
    {
        pending = null;
        var opened = root.TryOpenParent(target, out var name);
        found = opened >= 0;
        if (opened < 0)
        {
            return opened;
        }

        var directory = BeneathRoot.Of(new FileDescriptor(opened), root.KeptOut);
        var taken = FileStatus.TryGetEntry(directory.Handle, name, out _) == 0;
        var own = Encoding.ASCII.GetBytes($".strata-{RandomName()}");
        var made = taken && !replace ? -Errno.EEXIST
            : directory.TryOpenFile(own, new FileOpening { Access = FileAccess.ReadWrite, Create = true, Exclusive = true, Mode = mode }, out _, out _);
        if (made < 0)
        {
            directory.Dispose();
            return made;
        }

        pending = new PendingFile(directory, name.ToArray(), own, new FileDescriptor(made));
        return 0;
    }

    /// <summary>The permission bits of a regular file that has the target's name now; null when there is none.</summary>
    internal int? ModeOfTarget() =>
        FileStatus.TryGetEntry(_directory.Handle, _name, out var status) == 0 && status.Kind == FileKind.Regular ? status.Mode & 0x1FF : null;

    /// <summary>Brings the content to disk, gives the file its name and brings that to disk: at no instant has the name half a file.</summary>
    /// <param name="replace">Whether it may take the place of what is there.</param>
    /// <param name="durable">False spares the waits for the disk: then it is whole or not there after this process's end, and not after the machine's.</param>
    internal int Commit(bool replace, bool durable = true)
    {
        var result = durable ? FileContent.TrySync(Descriptor) : 0;
        result = result < 0 ? result : DirectoryChanges.TryRename(_directory.Handle, _own, _directory.Handle, _name, replace);
        if (result < 0)
        {
            return result;
        }

        _keeps = true;
        if (!durable)
        {
            return 0;
        }

        result = DirectoryChanges.TrySync(_directory.Handle);
        // A directory that may be written and not read cannot be opened to be synced.
        return result == -Errno.EACCES ? 0 : result;
    }

    private static string RandomName()
    {
        Span<byte> random = stackalloc byte[RandomBytes];
        SecureRandom.Fill(random);
        return Convert.ToHexStringLower(random);
    }

    public void Dispose()
    {
        if (!_keeps)
        {
            _ = DirectoryChanges.TryRemove(_directory.Handle, _own, isDirectory: false);
        }

        _file.Dispose();
        _directory.Dispose();
    }
}
