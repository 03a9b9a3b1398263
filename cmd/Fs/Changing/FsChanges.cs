using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Fs;

/// <summary>The handlers that make, move and remove names. Each acts on one name in a directory that was opened beneath the prefix.</summary>
internal sealed class FsChanges(PathCalls paths, FsAudit audit)
{
    internal async ValueTask<Reply<StatusResult>> MakeDirectoryAsync(MkdirParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.Path, out var path, mayBePrefix: wish.Parents) is { } refused)
        {
            return refused;
        }

        if (Permissions.Parse(wish.Permissions, out var mode) is { } fault)
        {
            return fault;
        }

        var outcome = await paths.RunAsync(path, root => MakeDirectory(root, path.Relative, mode, wish.Parents), call).ConfigureAwait(false);
        return Answer(call, wish.Path, null, outcome, outcome.Result > 0 ? "made" : "exists");
    }

    internal async ValueTask<Reply<StatusResult>> RenameAsync(RenameParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.From, wish.To, out var from, out var to) is { } refused)
        {
            return refused;
        }

        var outcome = await paths.RunAsync(from, root => Rename(root, from.Relative, to.Relative, wish.Replace), call).ConfigureAwait(false);
        return Answer(call, wish.From, wish.To, outcome, "renamed");
    }

    internal async ValueTask<Reply<StatusResult>> RemoveAsync(RemoveParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        var outcome = await paths.RunAsync(path, root => Remove(root, path.Relative), call).ConfigureAwait(false);
        return Answer(call, wish.Path, null, outcome, "removed");
    }

    internal async ValueTask<Reply<RemoveTreeResult>> RemoveTreeAsync(RemoveTreeParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.Path, out var path) is { } refused)
        {
            return refused;
        }

        var removal = new TreeRemoval(wish.Limit, call.Cancellation);
        var outcome = await paths.RunAsync(path, root => NamedPlace.Of(root, path.Relative, place => removal.Run(place.Directory, place.Name, root.KeptOut)), call).ConfigureAwait(false);
        if (removal.Removed > 0)
        {
            audit.Changed(call, wish.Path, bytes: null);
        }

        return outcome.Error is null ? new RemoveTreeResult(removal.Removed, removal.IsDone) : paths.Refuse(call, wish.Path, outcome);
    }

    internal async ValueTask<Reply<StatusResult>> ChangeModeAsync(ChmodParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.Path, out var path, mayBePrefix: true) is { } refused)
        {
            return refused;
        }

        if (Permissions.Parse(wish.Permissions, out var mode) is { } fault)
        {
            return fault;
        }

        var outcome = await paths.RunAsync(path, root => ChangeMode(root, path.Relative, mode), call).ConfigureAwait(false);
        return Answer(call, wish.Path, null, outcome, "changed");
    }

    internal async ValueTask<Reply<StatusResult>> LinkAsync(LinkParams wish, CallContext call)
    {
        if (paths.ResolveToChange(call, wish.From, wish.To, out var from, out var to) is { } refused)
        {
            return refused;
        }

        var outcome = await paths.RunAsync(from, root => Link(root, from.Relative, to.Relative), call).ConfigureAwait(false);
        return Answer(call, wish.From, wish.To, outcome, "linked");
    }

    private Reply<StatusResult> Answer(CallContext call, string path, string? target, PathOutcome outcome, string status)
    {
        if (outcome.Error is not null)
        {
            return paths.Refuse(call, path, outcome);
        }

        audit.Changed(call, path, target);
        return new StatusResult(status);
    }

    /// <summary>Makes one directory, or all that are missing; the result tells how many were made.</summary>
    private static PathOutcome MakeDirectory(BeneathRoot root, byte[] path, int mode, bool parents)
    {
        if (!parents)
        {
            var only = NamedPlace.Of(root, path, place => DirectoryChanges.TryMakeDirectory(place.Directory, place.Name, mode));
            return only.Error is null ? only with { Result = 1 } : only;
        }

        var made = 0;
        for (var end = 0; end < path.Length; end++)
        {
            var next = path.AsSpan(end).IndexOf((byte)'/');
            end = next < 0 ? path.Length : end + next;
            var part = path[..end];
            var located = root.TryFind(part, out var status);
            if (located >= 0)
            {
                new FileDescriptor(located).Dispose();
                if (status.Kind != FileKind.Directory)
                {
                    return end == path.Length ? PathOutcome.OfChange(-Errno.EEXIST) : PathOutcome.Of(-Errno.ENOTDIR);
                }

                continue;
            }

            if (located != -Errno.ENOENT)
            {
                return PathOutcome.Of(located);
            }

            var outcome = NamedPlace.Of(root, part, place => DirectoryChanges.TryMakeDirectory(place.Directory, place.Name, mode));
            if (outcome.Error is not null && (outcome.Result != -Errno.EEXIST || !IsDirectory(root, part)))
            {
                return outcome;
            }

            made += outcome.Error is null ? 1 : 0;
        }

        return PathOutcome.OfChange(made);
    }

    // Somebody else made it between the look and the call: that is as good.
    private static bool IsDirectory(BeneathRoot root, byte[] path) => root.TryGetStatus(path, out var status) == 0 && status.Kind == FileKind.Directory;

    private static PathOutcome Rename(BeneathRoot root, byte[] from, byte[] to, bool replace) =>
        NamedPlace.Of(root, from, to, (source, target) => DirectoryChanges.TryRename(source.Directory, source.Name, target.Directory, target.Name, replace));

    private static PathOutcome Remove(BeneathRoot root, byte[] path) => NamedPlace.Of(root, path, place =>
    {
        var result = DirectoryChanges.TryRemove(place.Directory, place.Name, isDirectory: false);
        return result is -Errno.EISDIR or -Errno.EPERM && FileStatus.TryGetEntry(place.Directory, place.Name, out var status) == 0 && status.Kind == FileKind.Directory
            ? DirectoryChanges.TryRemove(place.Directory, place.Name, isDirectory: true)
            : result;
    });

    private static PathOutcome ChangeMode(BeneathRoot root, byte[] path, int mode)
    {
        var found = root.TryFind(path, out var status);
        if (found < 0)
        {
            return PathOutcome.Of(found);
        }

        using var file = new FileDescriptor(found);
        return status.Kind is FileKind.Regular or FileKind.Directory
            ? PathOutcome.OfChange(FileContent.TryChangeMode(found, mode))
            : PathOutcome.Of(-Errno.EOPNOTSUPP);
    }

    private static PathOutcome Link(BeneathRoot root, byte[] from, byte[] to)
    {
        var found = root.TryFind(from, out var status);
        if (found < 0)
        {
            return PathOutcome.Of(found);
        }

        using var file = new FileDescriptor(found);
        return status.Kind == FileKind.Regular
            ? NamedPlace.Of(root, to, place => DirectoryChanges.TryLink(file, place.Directory, place.Name))
            : PathOutcome.Of(status.Kind == FileKind.Directory ? -Errno.EISDIR : -Errno.EOPNOTSUPP);
    }
}
