using Strata.Contracts;
using Strata.Hosting;
using Strata.Ipc;
using Strata.Linux;

namespace Strata.Sandbox;

/// <summary>What looks at files without changing them.</summary>
internal sealed class SandboxFiles(FileSpaces spaces, BlockingGate gate)
{
    internal async ValueTask<Reply<ReadResult>> ReadAsync(SandboxReadParams wish, CallContext call)
    {
        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        return await gate.RunAsync(() => Read(space, path, wish), () => call.Cancellation).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<ListResult>> ListAsync(SandboxListFilesParams wish, CallContext call)
    {
        var sorted = wish.Sort == "name";
        var after = Array.Empty<byte>();
        long cookie = 0;
        if (sorted ? !ListCursor.TryParseName(wish.Cursor, out after) : !ListCursor.TryParse(wish.Cursor, out cookie))
        {
            return DirectoryPage.BadCursor();
        }

        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        return await gate.RunAsync(
            () =>
            {
                var directory = new FileDescriptor(SandboxFileErrors.Check(space.Run(root => root.TryOpenDirectory(path, out _))));
                return sorted ? SortedPage.Read(directory, after, wish.Limit, wish.Stat, SandboxFileErrors.ErrorOf)
                    : DirectoryPage.Read(directory, cookie, wish.Limit, wish.Stat, SandboxFileErrors.ErrorOf);
            },
            () => call.Cancellation).ConfigureAwait(false);
    }

    internal async ValueTask<Reply<StatResult>> StatAsync(SandboxStatParams wish, CallContext call)
    {
        using var space = spaces.Open(call, wish.Session, wish.Workspace);
        var path = space.Resolve(wish.Path);
        var status = await gate.RunAsync(
            () =>
            {
                FileStatus found = default;
                SandboxFileErrors.Check(space.Run(root => root.TryGetStatus(path, out found)));
                return found;
            },
            () => call.Cancellation).ConfigureAwait(false);
        return new StatResult(
            FileKinds.WordOf(status.Kind), status.Kind == FileKind.Directory, status.SizeBytes, FileKinds.ModeOf(status), FileKinds.ModifiedOf(status));
    }

    private static ReadResult Read(FileSpace space, byte[] path, SandboxReadParams wish)
    {
        using var file = new FileDescriptor(SandboxFileErrors.Check(space.Run(root => root.TryOpenFile(path, out _))));
        // One byte more is only looked for, to learn whether the end was reached.
        var buffer = GC.AllocateUninitializedArray<byte>(wish.Size + 1);
        var progress = ReadProgress.FromDisk(file.Number, buffer, wish.Offset);
        SandboxFileErrors.Check(progress.Error);
        var count = Math.Min(progress.Filled, wish.Size);
        var bytes = buffer.AsMemory(0, count);
        return new ReadResult(bytes, count, progress.AtEnd && progress.Filled <= wish.Size, TextOf(bytes.Span));
    }

    private static string? TextOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length <= MaxTextBytes && System.Text.Unicode.Utf8.IsValid(bytes) ? System.Text.Encoding.UTF8.GetString(bytes) : null;

    private const int MaxTextBytes = 16 * 1024;
}
