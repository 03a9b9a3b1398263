using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// The directories from a layer's root to where work is done, each opened in the one before: the kernel follows no link and enters no mount
/// point, so whatever an archive put there, nothing is reached that is not in the layer. What two paths share is opened once.
/// </summary>
internal sealed class DirectoryChain(FileDescriptor root, LayerOwners owners) : IDisposable
{
    private readonly List<(byte[] Name, FileDescriptor Directory)> _open = [];

    /// <summary>Goes to a directory.</summary>
    /// <param name="names">The names that lead there.</param>
    /// <param name="makes">Whether what is missing is made; otherwise null is answered.</param>
    /// <exception cref="ArchiveException">Something on the way is no directory.</exception>
    internal FileDescriptor? Enter(IReadOnlyList<byte[]> names, bool makes)
    {
        int shared = 0;
        while (shared < Math.Min(names.Count, _open.Count) && names[shared].AsSpan().SequenceEqual(_open[shared].Name))
        {
            shared++;
        }

        Leave(shared);
        var here = shared == 0 ? root : _open[^1].Directory;
        for (int i = shared; i < names.Count; i++)
        {
            int opened = BeneathRoot.TryDescend(here, names[i], KeptOut.Nothing);
            if (opened is -Errno.ENOENT && makes)
            {
                Make(here, names[i]);
                opened = BeneathRoot.TryDescend(here, names[i], KeptOut.Nothing);
            }

            if (opened == -Errno.ENOENT)
            {
                return null;
            }

            if (opened is -Errno.ENOTDIR or -Errno.ELOOP or -Errno.EXDEV)
            {
                throw new ArchiveException($"the archive has an entry beneath what is no directory: {Encoding.UTF8.GetString(names[i])}; a link is never followed");
            }

            here = new FileDescriptor(opened >= 0 ? opened : throw new LinuxException(opened, "openat2"));
            _open.Add((names[i], here));
        }

        return here;
    }

    /// <summary>Forgets the directories at and beneath a path, which is about to be replaced.</summary>
    internal void Forget(int depth) => Leave(Math.Min(depth, _open.Count));

    public void Dispose() => Leave(0);

    private void Leave(int kept)
    {
        for (int i = _open.Count - 1; i >= kept; i--)
        {
            _open[i].Directory.Dispose();
            _open.RemoveAt(i);
        }
    }

    /// <summary>Directories that an archive leaves out, since an earlier layer has them: root's, and open to read as most are.</summary>
    private void Make(FileDescriptor directory, byte[] name)
    {
        LayerCalls.Check(DirectoryChanges.TryMakeDirectory(directory, name, 0x1ed), "mkdirat", name);
        LayerCalls.Check(EntryChanges.TryChangeOwner(directory, name, owners.OnDisk(0), owners.OnDisk(0)), "fchownat", name);
    }
}
