using Strata.Hosting;
using Strata.Linux;
using Strata.Policy;

namespace Strata.Fs;

/// <summary>
/// An upload in progress: a file beside its target that outlives its handle, so that a later call with the same name goes on where this
/// one ended. Not readable or writable by other methods. One handle at a time: the file is locked.
/// </summary>
internal sealed class UploadFile : OpenFile
{
    private readonly BeneathRoot _directory;
    private readonly byte[] _own;
    private readonly byte[] _name;
    private readonly TurnQueue _turns = new();

    internal UploadFile(FileDescriptor file, BeneathRoot directory, byte[] own, byte[] name, CapabilityClaims claims, string path)
        : base(file, claims, path)
    {
        (_directory, _own, _name) = (directory, own, name);
        Access = 0;
    }

    /// <summary>Whether something may be at the path.</summary>
    internal bool Replaces { get; init; }

    /// <summary>Exact permission bits of the file at the end.</summary>
    internal int Mode { get; init; }

    /// <summary>Runs work behind all that was asked of this upload before: pieces are written in the order they came in.</summary>
    internal Task<T> InTurnAsync<T>(Func<Task<T>> work) => _turns.RunAsync(work);

    /// <summary>Gives the file its path, when it is all on disk.</summary>
    internal int Commit(int descriptor)
    {
        var result = FileContent.TryChangeMode(descriptor, Mode);
        result = result < 0 ? result : FileContent.TrySync(descriptor);
        result = result < 0 ? result : DirectoryChanges.TryRename(_directory.Handle, _own, _directory.Handle, _name, Replaces);
        result = result < 0 ? result : DirectoryChanges.TrySync(_directory.Handle);
        return result == -Errno.EACCES ? 0 : result;
    }

    /// <summary>Removes what is there so far.</summary>
    internal int Discard() => DirectoryChanges.TryRemove(_directory.Handle, _own, isDirectory: false);

    /// <summary>Runs work while the directory is held open; null when the handle was closed.</summary>
    internal T? WithDirectory<T>(Func<T> work)
        where T : struct
    {
        var held = false;
        try
        {
            _directory.Handle.DangerousAddRef(ref held);
            return work();
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
        finally
        {
            if (held)
            {
                _directory.Handle.DangerousRelease();
            }
        }
    }

    protected override void OnClosed() => _directory.Dispose();
}
