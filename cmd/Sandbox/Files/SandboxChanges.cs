using System.Text;
using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What changes files in one call. Each change is audited, made or refused.</summary>
internal sealed class SandboxChanges(FileSpaces spaces, BlockingGate gate, SandboxAudit audit)
{
    private const int UsualMode = 0x1A4; // 0644

    internal async ValueTask<Reply<StatusResult>> WriteAsync(SandboxWriteParams wish, CallContext call)
    {
        var bytes = wish.DataB64 ?? Encoding.UTF8.GetBytes(wish.Data ?? "");
        var mode = UsualMode;
        if (wish.DataB64 is null == wish.Data is null)
        {
            return RpcError.InvalidField("data_b64", "give the bytes once: as \"data_b64\" or, for text, as \"data\"");
        }

        if (wish.Permissions is not null && Permissions.Parse(wish.Permissions, out mode) is { } fault)
        {
            return fault;
        }

        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        await ChangeAsync(call, space, wish.Path, (bytes.Length, 1), root => Write(root, path, bytes.Span, wish, mode, space.IsDurable)).ConfigureAwait(false);
        return new StatusResult("written");
    }

    internal async ValueTask<Reply<StatusResult>> MakeDirectoryAsync(SandboxMkdirParams wish, CallContext call)
    {
        if (Permissions.Parse(wish.Permissions, out var mode) is { } fault)
        {
            return fault;
        }

        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        var made = await ChangeAsync(
            call, space, wish.Path, (0, 1),
            root => wish.Parents ? Entries.MakeDirectories(root, path, mode) : Entries.MakeDirectory(root, path, mode)).ConfigureAwait(false);
        return new StatusResult(made > 0 ? "made" : "exists");
    }

    internal async ValueTask<Reply<StatusResult>> MoveAsync(SandboxMoveParams wish, CallContext call)
    {
        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var (from, to) = (space.Resolve(wish.From), space.Resolve(wish.To));
        await ChangeAsync(
            call, space, $"{wish.From} -> {wish.To}", default,
            root => Entries.At(root, from, (source, name) => Entries.At(root, to, (target, newName) => DirectoryChanges.TryRename(source, name, target, newName, wish.Replace)))).ConfigureAwait(false);
        return new StatusResult("moved");
    }

    internal async ValueTask<Reply<RemoveTreeResult>> DeleteAsync(SandboxDeleteParams wish, CallContext call)
    {
        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        var removal = new TreeRemoval(wish.Limit, call.Cancellation);
        await ChangeAsync(
            call, space, wish.Path, default,
            root => Entries.At(root, path, (directory, name) => wish.Recursive ? removal.Run(directory, name, KeptOut.Nothing) : Entries.Remove(directory, name))).ConfigureAwait(false);
        space.Allowance?.Forget();
        return wish.Recursive ? new RemoveTreeResult(removal.Removed, removal.IsDone) : new RemoveTreeResult(1, Done: true);
    }

    /// <summary>Works behind the gate as the tree's user, within its allowance, and records what came of it.</summary>
    private async ValueTask<int> ChangeAsync(CallContext call, FileSpace space, string path, (long Bytes, long Files) needs, Func<BeneathRoot, int> work)
    {
        var taken = false;
        try
        {
            var result = await gate.RunAsync(
                () =>
                {
                    space.Allowance?.Take(needs.Bytes, needs.Files);
                    taken = true;
                    return SandboxFileErrors.Check(space.Run(work));
                },
                () => call.Cancellation).ConfigureAwait(false);
            audit.Done(call, space.Label, path, needs.Bytes > 0 ? needs.Bytes : null);
            return result;
        }
        catch (Exception e)
        {
            if (taken)
            {
                space.Allowance?.GiveBack(needs.Bytes, needs.Files);
            }

            if (e is SandboxException refused)
            {
                audit.Refused(call, space.Label, refused.Reason, path);
            }

            throw;
        }
    }

    private static int Write(BeneathRoot root, byte[] path, ReadOnlySpan<byte> bytes, SandboxWriteParams wish, int mode, bool durable)
    {
        var slash = Array.LastIndexOf(path, (byte)'/');
        var result = wish.Parents && slash > 0 ? Entries.MakeDirectories(root, path[..slash], Entries.UsualDirectoryMode) : 0;
        PendingFile? made = null;
        result = result < 0 ? result : PendingFile.TryMake(root, path, wish.Replace, UsualMode, out made, out _);
        if (result < 0)
        {
            return result;
        }

        using var file = made!;
        var written = FileContent.TryWriteAll(file.Descriptor, bytes, 0);
        result = written < 0 ? written : written < bytes.Length ? -Errno.ENOSPC : 0;
        if (result == 0 && (wish.Permissions is not null ? mode : file.ModeOfTarget()) is { } bits)
        {
            result = FileContent.TryChangeMode(file.Descriptor, bits);
        }

        return result < 0 ? result : file.Commit(wish.Replace, durable);
    }
}
