using System.Text;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>
/// A file tree that methods work in: a session's or a workspace's. Its paths are resolved by the kernel as a process with that root would (openat2), so nothing in it leads out;
/// and its work is done with the rights of the tree's own user, so nothing is done that this user could not do.
/// </summary>
internal sealed class FileSpace : IDisposable
{
    private readonly BeneathRoot _root;
    private readonly ProcessUser? _user;
    private readonly string _base;
    private IDisposable? _hold;

    /// <summary>Takes over a tree.</summary>
    /// <param name="root">Its root; owned by the space.</param>
    /// <param name="user">Whose rights work has and whose new files are; null for the service's own.</param>
    /// <param name="label">What the audit calls it.</param>
    /// <param name="baseDirectory">Where paths begin that are not absolute: empty, or ending in a slash.</param>
    /// <param name="hold">What is held meanwhile.</param>
    internal FileSpace(FileDescriptor root, ProcessUser? user, string label, string baseDirectory = "", IDisposable? hold = null)
    {
        _root = BeneathRoot.OfWholeTree(root);
        (_user, Label, _base, _hold) = (user, label, baseDirectory, hold);
    }

    /// <summary>What the audit calls it.</summary>
    internal string Label { get; }

    /// <summary>What bounds it beside its file system; null for nothing.</summary>
    internal IFileAllowance? Allowance { get; init; }

    /// <summary>Whether what was changed is brought to disk before the answer.</summary>
    internal bool IsDurable { get; init; }

    /// <summary>Cancelled when the tree goes away.</summary>
    internal CancellationToken Ended { get; init; }

    /// <summary>Enters again, for a transfer that goes on after the call that began it; fails when the tree is gone.</summary>
    internal Func<IDisposable>? Reenter { get; init; }

    /// <summary>The path as bytes beneath the root; <c>.</c> for the root itself.</summary>
    internal byte[] Resolve(string path)
    {
        var whole = path.StartsWith('/') ? path : _base + path;
        var relative = whole.Trim('/');
        return relative.Contains('\0', StringComparison.Ordinal) ? throw SandboxFileErrors.Of(-Errno.EINVAL)
            : relative.Length == 0 ? "."u8.ToArray()
            : Encoding.UTF8.GetBytes(relative);
    }

    /// <summary>Works beneath the root as the tree's user. System calls and little else: other threads' work has other rights.</summary>
    internal T Run<T>(Func<BeneathRoot, T> work)
    {
        try
        {
            return ThreadUser.Run(_user, () => work(_root));
        }
        catch (LinuxException e)
        {
            throw SandboxFileErrors.Of(-e.Errno);
        }
    }

    /// <summary>Works with what was opened from the tree before, as its user.</summary>
    internal T RunAs<T>(Func<T> work) => ThreadUser.Run(_user, work);

    /// <summary>Keeps the tree no longer from going away; <see cref="Reenter"/> is asked before it is worked in again.</summary>
    internal void Release() => Interlocked.Exchange(ref _hold, null)?.Dispose();

    public void Dispose()
    {
        _root.Dispose();
        Release();
    }
}

/// <summary>What a tree may still take beside what its file system allows.</summary>
internal interface IFileAllowance
{
    /// <summary>Takes what is about to be written.</summary>
    /// <exception cref="SandboxException">There is no room for it; nothing was taken.</exception>
    void Take(long bytes, long files);

    /// <summary>Gives back what was not written.</summary>
    void GiveBack(long bytes, long files);

    /// <summary>Something was removed: what is left is counted when it is next asked for.</summary>
    void Forget();
}
